#!/bin/sh
# host.sh FOLDER NUMBER NAME PUBLIC_KEY: becomes a lab host: an overlay over the base, started by systemd-nspawn, with an
# address of its own, an SSH server, and three users that the key opens: root, deploy (sudo without a password) and ops
# (sudo with the password "ops-secret").
set -eu
lab=$1 number=$2 name=$3 key=$4
own=$lab/machines/$number root=$lab/machines/$number/root
mkdir -p "$own/upper" "$own/work" "$root"
mount -t overlay overlay -o "lowerdir=${LAB_LAYER:+$lab/$LAB_LAYER:}$lab/${LAB_BASE:-base},upperdir=$own/upper,workdir=$own/work" "$root"

echo "$name" >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$root/etc/hosts"
cp /etc/resolv.conf "$root/etc/resolv.conf"
rm -f "$root/etc/machine-id"
systemd-id128 new >"$root/etc/machine-id"
# The way to the packages is this machine's own, proxy included.
apt-config dump | grep -iE '^Acquire::(http|https|ftp)::(proxy|no-cache)' >"$root/etc/apt/apt.conf.d/80lab" || true

for user in root deploy ops; do
  grep -q "^$user:" "$root/etc/passwd" || chroot "$root" useradd -m -s /bin/bash $user
  home=$(awk -F: -v user=$user '$1 == user { print $6 }' "$root/etc/passwd")
  mkdir -p "$root$home/.ssh"
  echo "$key" >"$root$home/.ssh/authorized_keys"
  chmod 700 "$root$home/.ssh"
  chroot "$root" chown -R $user "$home/.ssh"
done
echo ops:ops-secret | chroot "$root" chpasswd
chroot "$root" usermod -p '*' deploy
printf 'deploy ALL=(ALL:ALL) NOPASSWD: ALL\nDefaults logfile=/var/log/sudo.log\n' >"$root/etc/sudoers.d/deploy"
echo 'ops ALL=(ALL:ALL) ALL' >"$root/etc/sudoers.d/ops"
chmod 440 "$root/etc/sudoers.d/deploy" "$root/etc/sudoers.d/ops"

rm -f "$root"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
printf 'LogLevel VERBOSE\nUseDNS no\nMaxStartups 200\n' >"$root/etc/ssh/sshd_config.d/lab.conf"
echo 'SSHD_OPTS="-E /var/log/sshd.log"' >"$root/etc/default/ssh"

# Container images and Pods' files need a file system that is no overlay itself.
binds=
if [ -n "${LAB_KUBERNETES:-}" ]; then
  for folder in containerd kubelet etcd; do
    mkdir -p "$own/var/$folder"
    binds="$binds --bind=$own/var/$folder:/var/lib/$folder"
  done
  # Containers ask for an oom score that nobody may give who runs in a container: they are made without.
  cat >"$root/usr/local/sbin/runc" <<'EOF'
#!/bin/sh
bundle= last=
for word; do
  [ "$last" = --bundle ] && bundle=$word
  last=$word
done
[ -f "$bundle/config.json" ] && sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$bundle/config.json"
exec /usr/sbin/runc "$@"
EOF
  chmod 755 "$root/usr/local/sbin/runc"
fi

# What a machine does for itself and a container lacks: control groups it may write to, an address, /dev/kmsg, mounts that
# are shared.
cat >"$root/usr/local/sbin/lab-start" <<EOF
#!/bin/sh
for group in /sys/fs/cgroup/*; do
  name=\${group##*/}
  [ -z "${LAB_KUBERNETES:-}" ] || [ -L "\$group" ] || [ ! -e "\$group/tasks" ] || [ "\$name" = systemd ] && continue
  umount -l "\$group" 2>/dev/null && mount -t cgroup -o "rw,\$name" "\$name" "\$group"
done
[ -e /dev/kmsg ] || mknod /dev/kmsg c 1 11
mount --make-rshared /
ip addr add 10.67.0.$number/24 dev host0
ip link set host0 up
ip route add default via 10.67.0.1
EOF
chmod 755 "$root/usr/local/sbin/lab-start"
cat >"$root/etc/systemd/system/lab-start.service" <<'EOF'
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-start
EOF
mkdir -p "$root/etc/systemd/system/sysinit.target.wants"
ln -sf ../lab-start.service "$root/etc/systemd/system/sysinit.target.wants/lab-start.service"

# A control group of its own in every hierarchy: hosts that share one destroy each other's services.
join() {
  mkdir -p "$1/lab-$number" 2>/dev/null || return 0
  if [ -e "$1/lab-$number/cpuset.mems" ]; then
    cat "$1/cpuset.cpus" >"$1/lab-$number/cpuset.cpus" 2>/dev/null || true
    cat "$1/cpuset.mems" >"$1/lab-$number/cpuset.mems" 2>/dev/null || true
  fi
  echo $$ >"$1/lab-$number/cgroup.procs" 2>/dev/null || true
}
top=/sys/fs/cgroup
while IFS=: read -r _ controllers path; do
  case $controllers in
  '') if [ -e $top/cgroup.controllers ]; then join "$top$path"; else join "$top/unified$path"; fi ;;
  *) join "$top/${controllers#name=}$path" ;;
  esac
done <<EOF
$(cat /proc/self/cgroup)
EOF
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
# systemd 256 and later takes control groups of version 1 only when told twice.
newer=
[ "${LAB_BASE:-base}" = base ] || newer='systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'
# It ends with 133 where the host reboots, and is started anew.
code=133
while [ $code = 133 ]; do
  code=0
  # shellcheck disable=SC2086
  systemd-nspawn $binds --quiet --register=no --keep-unit --boot --directory="$root" --machine="tsplay-$number" \
    --network-bridge=br-tsplay --capability=all --system-call-filter=@known $newer || code=$?
  echo "ended with $code"
done
exit $code
