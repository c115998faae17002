#!/bin/sh
# packages.sh BUILD WWW VERSION: packs kubeadm, kubelet, kubectl, cri-tools and kubernetes-cni under the names, versions
# and dependencies of pkgs.k8s.io, and publishes them as it does: one signed repository a minor version, with its key.
set -eu
build=$1 www=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
minor=v${version%.*}
repository=$www/core:/stable:/$minor/deb
work=$build/packages
architecture=$(dpkg --print-architecture)
export GNUPGHOME="$build/gnupg"
# gpg starts an agent, which would stay.
trap 'gpgconf --kill all' EXIT
rm -rf "$work"
mkdir -p "$repository" "$work/new" "$GNUPGHOME"
chmod 700 "$GNUPGHOME"
gpg --list-keys lab >/dev/null 2>&1 ||
  gpg --batch --quiet --passphrase '' --quick-gen-key 'lab <lab@lab.example>' rsa2048 sign never

pack() { # NAME VERSION DEPENDS, of the files in $work/NAME
  mkdir -p "$work/$1/DEBIAN"
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: %s\nSection: net\nPriority: optional\n' "$1" "$2" "$architecture"
    printf 'Maintainer: lab <lab@lab.example>\nDescription: %s, built for tests\n' "$1"
    [ -z "$3" ] || printf 'Depends: %s\n' "$3"
  } >"$work/$1/DEBIAN/control"
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/$1" "$work/new/$1_$2_$architecture.deb" >/dev/null
}

programs() { # NAME FILE…
  mkdir -p "$work/$1/usr/bin"
  name=$1
  shift
  cp "$@" "$work/$name/usr/bin/"
}

bin=$build/bin/v$version
programs kubectl "$bin/kubectl"
pack kubectl "$version-1.1" ''

programs kubelet "$bin/kubelet"
mkdir -p "$work/kubelet/lib/systemd/system" "$work/kubelet/DEBIAN"
cp "$here/units/kubelet.service" "$work/kubelet/lib/systemd/system/"
cat >"$work/kubelet/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  systemctl daemon-reload >/dev/null 2>&1 || true
  systemctl enable kubelet >/dev/null 2>&1 || true
fi
END
chmod 755 "$work/kubelet/DEBIAN/postinst"
pack kubelet "$version-1.1" 'iptables (>= 1.4.21), kubernetes-cni (>= 0.8.7), iproute2, mount, util-linux, ethtool, conntrack, ebtables, socat'

programs kubeadm "$bin/kubeadm"
mkdir -p "$work/kubeadm/etc/systemd/system/kubelet.service.d"
cp "$here/units/10-kubeadm.conf" "$work/kubeadm/etc/systemd/system/kubelet.service.d/"
pack kubeadm "$version-1.1" 'kubelet (>= 1.13.0), kubectl (>= 1.13.0), kubernetes-cni (>= 0.8.7), cri-tools (>= 1.13.0)'

programs cri-tools "$build/bin/crictl"
pack cri-tools "${minor#v}.0-1.1" ''

mkdir -p "$work/kubernetes-cni/opt/cni/bin"
cp /usr/lib/cni/* "$work/kubernetes-cni/opt/cni/bin/"
pack kubernetes-cni 0.8.7-1.1 ''

# Packages of other versions stay; the repository is exchanged as a whole.
for old in "$repository"/*.deb; do
  [ ! -e "$old" ] || [ -e "$work/new/${old##*/}" ] || cp "$old" "$work/new/"
done
cd "$work/new"
apt-ftparchive packages . >Packages
gzip -k Packages
apt-ftparchive -o APT::FTPArchive::Release::Origin=lab -o APT::FTPArchive::Release::Label=lab release . >../Release
mv ../Release Release
gpg --batch --yes --local-user lab --clearsign --output InRelease Release
gpg --batch --yes --local-user lab --armor --detach-sign --output Release.gpg Release
gpg --armor --export lab >Release.key
rm -rf "$repository"
mv "$work/new" "$repository"
rm -rf "$work"
