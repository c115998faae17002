#!/bin/sh
# newer-sshd.sh FOLDER: a root folder with the SSH server of Debian 13 and what it is linked with, unpacked and not installed,
# from the mirror that this machine's own apt uses.
set -eu
[ -e "$1.done" ] && exit 0
rm -rf "$1" "$1.apt"
mkdir -p "$1.apt/lists/partial" "$1.apt/archives/partial"
cd "$1.apt"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >sources.list
: >status
apt() {
  apt-get -qq -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$PWD" \
    -o Dir::State::status="$PWD/status" -o Dir::Cache="$PWD" -o Acquire::Languages=none \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Sandbox::User=root "$@"
}
apt update
apt download openssh-server libc6 libaudit1 libcap-ng0 libcom-err2 libcrypt1 libssl3t64 libgssapi-krb5-2 libk5crypto3 \
  libkeyutils1 libkrb5-3 libkrb5support0 libpam0g libpcre2-8-0 libselinux1 libsqlite3-0 libwrap0 libwtmpdb0 zlib1g libzstd1
for deb in *.deb; do dpkg-deb -x "$deb" "$1"; done
cd "$1"
for name in bin sbin lib lib64; do [ -e $name ] || ln -s usr/$name $name; done
mkdir -p dev etc run/sshd root tmp srv proc usr/bin
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/urandom c 1 9
cp /bin/busybox usr/bin/busybox
chroot . /usr/bin/busybox --install -s /usr/bin
printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
(umask 77 && printf 'root:%s:20000:0:99999:7:::\n' "$(openssl passwd -6 right)" >etc/shadow)
rm -rf "$1.apt"
touch "$1.done"
