/**
 * Builds a host's root and holds its namespaces. Runs as process 1 of the host's own process namespace, with the machine's
 * files still in sight, so that no program is ever run from the host's root with the machine's rights.
 *
 * Two steps, because only mounts that come from a more privileged namespace are locked: the first (this script) makes
 * the mounts; the second (`inner`) is a user namespace of its own, inside which even root can neither remount /usr
 * for writing nor unmount anything to see what lies below (mount_namespaces(7), "Restrictions").
 *
 * Arguments: state folder, template folder, work folder (covered by a tmpfs, private to this namespace), first outer
 * id of the range for the host's ids (empty: they are mapped already), count of ids and host name.
 * Talks to its parent in lines; when the parent's end of standard input closes, everything ends.
 */
export const bootScript = `set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
read -r outer rest </proc/self/stat
echo "init $outer"
state=$1 template=$2 work=$3 base=$4 count=$5 name=$6
umask 022
cd /
owner=\${base:-0}
mount -t tmpfs -o mode=755 tsplay "$work"
mkdir "$work/root" "$work/template"
mount --bind "$state/root" "$work/root"
mount -o bind,ro "$template" "$work/template"
root=$work/root
# A link left here by the host would lead a mount out of its root. No program of the host runs yet.
for place in usr proc dev sys run tmp etc etc/alternatives; do
  if [ -d "$root/$place" ] && ! [ -L "$root/$place" ]; then continue; fi
  rm -f "$root/$place"
  mkdir "$root/$place"
  chown "$owner:$owner" "$root/$place"
done
mount --rbind /usr "$root/usr"
mount -o remount,bind,ro,nosuid,nodev "$root/usr"
while read -r id parent device top below rest; do
  case $below in "$root/usr/"*) mount -o remount,bind,ro,nosuid,nodev "$(printf %b "$below")" ;; esac
done </proc/self/mountinfo
if [ -d "$root/usr/local" ] && ! [ -L "$root/usr/local" ]; then mount --bind "$state/local" "$root/usr/local"; fi
if [ -e "$root/usr/bin/sudo" ] && ! [ -L "$root/usr/bin/sudo" ]; then
  mount -o bind,ro,nosuid "$work/template/sudo" "$root/usr/bin/sudo"
fi
if [ -d /etc/alternatives ]; then mount -o bind,ro,nosuid,nodev /etc/alternatives "$root/etc/alternatives"; fi
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o ro,size=4k,mode=555 sys "$root/sys"
set -- --user
[ -n "$base" ] || [ "$count" -gt 1 ] || set -- --user --map-root-user
unshare "$@" --mount --uts --ipc --net sh -c 'read -r outer rest </proc/self/stat; echo "waiting $outer"; exec sleep 60' </dev/null &
first=$!
read -r word pid
[ "$word" = go ]
set -- --preserve-credentials
if [ -n "$base" ] || [ "$count" -gt 1 ]; then
  echo "0 $owner $count" >"/proc/$pid/uid_map"
  echo "0 $owner $count" >"/proc/$pid/gid_map"
  set -- --setuid 0 --setgid 0
fi
nsenter --target "$pid" --user --mount --uts --ipc --net "$@" sh "$work/template/inner" "$root" "$work/template" "$name" "$count" </dev/null &
holder=$!
read -r word rest
[ "$word" = built ]
# It has an id that the host may not have: gone before the host's first program runs.
kill -KILL "$first"
exec 3<&0 </dev/null
{ exec >/dev/null 2>&1; cat <&3; kill -KILL "$holder"; } &
exec 3<&-
echo ready
exec >/dev/null 2>&1
code=0
wait "$holder" || code=$?
exit "$code"
`

/**
 * The second step, as root of the host's own user namespace: fills the root on the first boot, and becomes the
 * process that keeps the namespaces.
 */
export const innerScript = `set -eu
root=$1 template=$2 name=$3 count=$4
read -r outer rest </proc/self/stat
mount --rbind "$root" "$root"
cd "$root"
# On the first boot the root holds only the places of mounts.
if ! [ -e etc/passwd ] && ! [ -e var ] && ! [ -e home ]; then cp -RP "$template/root/." .
  echo "$name" >etc/hostname
  printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n::1 localhost\\n' "$name" >etc/hosts
  chmod 700 root
  chmod 1777 var/tmp
  chmod 600 etc/shadow etc/gshadow
  if [ "$count" -gt 1 ]; then chown -R 1000:1000 home/sandbox; fi
fi
for link in bin sbin lib lib32 lib64 libx32; do
  if [ -e "$link" ] || [ -L "$link" ]; then continue; fi
  if [ -L "/$link" ]; then cp -P "/$link" "$link"; elif [ -d "/$link" ]; then ln -s "usr/$link" "$link"; fi
done
mount -t tmpfs -o nosuid,nodev,mode=1777,size=256m tmp tmp
mount -t tmpfs -o nodev,mode=755,size=64m run run
mount -t tmpfs -o nosuid,mode=755,size=64m dev dev
cp -RP "$template/dev/." dev
chmod 1777 dev/shm
if [ "$count" -gt 1 ]; then
  cp "$template/setpriv" run/become
  chown 0:27 run/become
  chmod 4750 run/become
fi
for node in null zero full random urandom tty; do mount --bind "/dev/$node" "dev/$node"; done
mount -t devpts -o newinstance,nosuid,noexec,ptmxmode=0666,mode=0620 devpts dev/pts
if [ -s etc/hostname ]; then read -r name <etc/hostname || :; fi
hostname "$name" 2>/dev/null || :
ip link set lo up 2>/dev/null || :
echo 0 >proc/sys/user/max_user_namespaces
# The old root lands on top of the new one, and is taken off it again (pivot_root(2), NOTES).
pivot_root . .
umount -l .
cd /
echo "built $outer"
exec </dev/null >/dev/null 2>&1
exec sleep infinity
`
