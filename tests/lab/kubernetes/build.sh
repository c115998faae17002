#!/bin/sh
# build.sh FOLDER VERSION…: a real Kubernetes to install on lab hosts, from Debian's packages alone: kubeadm, kubelet,
# kubectl and the control plane of Debian's own source package (1.20.2), as a signed package repository and as images.
# Any VERSION but that is the same source with this version stamped in, to test upgrades and refusals with.
# Takes about 8 minutes on two idle cores. What is done already is not done again, and a build that was cut goes on where
# it was; FOLDER/build may be deleted once it is done. Run under flock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
build=$folder/build
mkdir -p "$folder/ready" "$build"
# What is built depends on these scripts: other ones build anew.
recipe=$(cat "$here"/*.sh "$here"/programs/*/*.go | sha256sum | cut -d ' ' -f 1)

say() { echo "$(date +%T) $*"; }

missing=
for version; do
  [ "$(cat "$folder/ready/$version" 2>/dev/null || true)" = "$recipe" ] || missing="$missing $version"
done
[ -n "$missing" ] || exit 0

tools='golang-go golang-github-modern-go-reflect2-dev gcc libc6-dev rsync etcd-server etcd-client
containernetworking-plugins busybox-static apt-utils dpkg-dev gnupg conntrack ipset iptables iproute2'
# shellcheck disable=SC2086
if ! dpkg -s $tools >/dev/null 2>&1; then
  say 'installing the tools'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $tools >/dev/null
fi
say 'preparing the source'
"$here/source.sh" "$build"
for version in $missing; do
  "$here/programs.sh" "$build" "$version"
  say "packing $version"
  "$here/images.sh" "$build" "$folder/images" "$version"
  "$here/packages.sh" "$build" "$folder/www" "$version"
  echo "$recipe" >"$folder/ready/$version.new"
  mv "$folder/ready/$version.new" "$folder/ready/$version"
  say "$version is ready in $folder"
done
