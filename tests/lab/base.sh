#!/bin/sh
# base.sh FOLDER [RELEASE]: the root file system that all lab hosts of a Debian release share, read-only: Debian 12 unless
# said otherwise, with systemd, sshd and sudo, and without Python. Made once, from the mirror that this machine's own apt
# uses; takes about 70 s.
set -eu
lab=$1 release=${2:-bookworm}
base=base
[ "$release" = bookworm ] || base=base-$release
[ -e "$lab/$base.done" ] && exit 0
tools='debootstrap systemd-container iproute2 iptables procps util-linux'
# shellcheck disable=SC2086
if ! dpkg -s $tools >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $tools >/dev/null
fi
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
rm -rf "${lab:?}/$base"
packages=systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,iptables,ca-certificates,kmod,procps,gnupg,curl,ethtool
packages=$packages,conntrack,socat,ebtables,apt-transport-https
# run0 asks polkit; pam_systemd starts what it runs.
[ "$release" = bookworm ] || packages=systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,procps,polkitd,libpam-systemd
debootstrap --variant=minbase --include="$packages" "$release" "$lab/$base" "$mirror" >"$lab/$base.log" 2>&1 || {
  tail -n 5 "$lab/$base.log" >&2
  exit 1
}
rm -f "$lab/$base"/etc/ssh/ssh_host_*
touch "$lab/$base.done"
