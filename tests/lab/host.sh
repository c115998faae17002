#!/bin/sh
# host.sh FOLDER NUMBER NAME PUBLIC_KEY: becomes a lab host: an overlay over the base, started by systemd-nspawn, with an
# address of its own, an SSH server, and three users that the key opens: root, deploy (sudo without a password) and ops
# (sudo with the password "ops-secret").
set -eu
lab=$1 number=$2 name=$3 key=$4
own=$lab/machines/$number root=$lab/machines/$number/root
mkdir -p "$own/upper" "$own/work" "$root"
mount -t overlay overlay -o "lowerdir=$lab/base,upperdir=$own/upper,workdir=$own/work" "$root"

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

# What a machine does for itself and a container lacks: an address, /dev/kmsg, mounts that are shared.
cat >"$root/usr/local/sbin/lab-start" <<EOF
#!/bin/sh
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

# Where control groups are version 1, each host gets its own in every hierarchy: they would share one otherwise.
for hierarchy in /sys/fs/cgroup/*; do
  controller=${hierarchy##*/}
  here=$(awk -F: -v name="$controller" '$2 == name || $2 == "name=" name { print $3 }' /proc/self/cgroup)
  group=$hierarchy$here/lab-$number
  [ -n "$here" ] && [ -d "$hierarchy$here" ] && mkdir -p "$group" 2>/dev/null || continue
  if [ "$controller" = cpuset ]; then
    cat "$hierarchy$here/cpuset.cpus" >"$group/cpuset.cpus"
    cat "$hierarchy$here/cpuset.mems" >"$group/cpuset.mems"
  fi
  echo $$ >"$group/cgroup.procs" 2>/dev/null || true
done
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
exec systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$root" --machine="tsplay-$number" \
  --network-bridge=br-tsplay --capability=all --system-call-filter=@known
