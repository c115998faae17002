#!/bin/sh
# network.sh up|down FOLDER: the bridge that lab hosts hang on, and their way out through this machine. Goes down only
# when no host is left. Run under flock.
set -eu
bridge=br-tsplay net=10.67.0
rules() {
  iptables "$1" FORWARD -i $bridge -j ACCEPT
  iptables "$1" FORWARD -o $bridge -j ACCEPT
  iptables -t nat "$1" POSTROUTING -s $net.0/24 ! -d $net.0/24 -j MASQUERADE
}
case $1 in
up)
  ip link show $bridge >/dev/null 2>&1 && exit 0
  ip link add $bridge type bridge
  ip addr add $net.1/24 dev $bridge
  ip link set $bridge up
  sysctl -qw net.ipv4.ip_forward=1
  rules -I
  ;;
down)
  [ -z "$(ls -A "$2/machines" 2>/dev/null)" ] || exit 0
  # A host's link goes a moment after it; those of another folder's hosts stay.
  tries=0
  while set -- /sys/class/net/vb-tsplay-* && [ -e "$1" ]; do
    [ $((tries += 1)) -lt 20 ] || exit 0
    sleep 0.05
  done
  ip link del $bridge 2>/dev/null || exit 0
  rules -D
  ;;
esac
