#!/bin/sh
# dnf.sh FOLDER: the layer over the base that makes it a host of the Red Hat family as far as packages go: Debian's dnf and
# rpm, and neither apt nor dpkg. Its rpm database is empty, since nothing of Debian is an rpm package. Made once.
set -eu
lab=$1
[ -e "$lab/dnf.done" ] && exit 0
root=$lab/dnf.root
umount -l "$root" 2>/dev/null || true
rm -rf "$lab/dnf" "$lab/dnf.work"
mkdir -p "$lab/dnf" "$lab/dnf.work" "$root"
mount -t overlay overlay -o "lowerdir=$lab/base,upperdir=$lab/dnf,workdir=$lab/dnf.work" "$root"
trap 'umount -l "$root"; rm -rf "$lab/dnf.work"' EXIT
cp /etc/resolv.conf "$root/etc/resolv.conf"
apt-config dump | grep -iE '^Acquire::(http|https|ftp)::(proxy|no-cache)' >"$root/etc/apt/apt.conf.d/80lab" || true
install='apt-get install -y -qq --no-install-recommends'
chroot "$root" sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install dnf dnf-plugins-core rpm createrepo-c" \
  >"$lab/dnf.log" 2>&1 || {
  tail -n 5 "$lab/dnf.log" >&2
  exit 1
}
# What Fedora sets by its own packages, and what only Debian has: a repository that wants to be indexed at each call.
mkdir -p "$root/etc/rpm" "$root/etc/yum.repos.d" "$root/etc/dnf/vars"
echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros"
echo 9 >"$root/etc/dnf/vars/releasever"
rm -f "$root/etc/dnf/plugins/local.conf"
rm -f "$root/usr/lib/os-release" "$root/etc/os-release"
printf 'ID=lab-dnf\nID_LIKE="rhel fedora"\nVERSION_ID=9\nPRETTY_NAME="Lab host with dnf"\n' >"$root/etc/os-release"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
for program in apt apt-get apt-cache apt-mark dpkg dpkg-query dpkg-deb; do rm -f "$root/usr/bin/$program"; done
touch "$lab/dnf.done"
