#!/bin/sh
# number.sh FOLDER PID: takes a free host number for a process, and prints it. A number is free again once its
# process has ended and its host is gone. Another folder's hosts keep theirs: their links are seen. Run under flock.
set -eu
mkdir -p "$1/numbers"
n=10
while [ $n -lt 250 ]; do
  holder=$(cat "$1/numbers/$n" 2>/dev/null || true)
  if [ ! -e "$1/machines/$n" ] && [ ! -e "/sys/class/net/vb-tsplay-$n" ] && { [ -z "$holder" ] || ! kill -0 "$holder" 2>/dev/null; }; then
    echo "$2" >"$1/numbers/$n"
    echo $n
    exit 0
  fi
  n=$((n + 1))
done
echo 'all 240 host numbers of the lab are taken' >&2
exit 1
