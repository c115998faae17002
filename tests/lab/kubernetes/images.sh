#!/bin/sh
# images.sh BUILD IMAGES VERSION: makes the images that kubeadm pulls, from what is built and from Debian's own files.
# Kept as a registry gives them (OCI image specification): IMAGES/NAME/TAG is a manifest, IMAGES/blobs/DIGEST what it names.
set -eu
build=$1 images=$2 version=$3
root=$build/image
mkdir -p "$images/blobs"

# put PLACE FILE: a file for the image, with the libraries that it is linked to
put() {
  mkdir -p "$root$(dirname "$1")"
  cp -L "$2" "$root$1"
  for library in $(ldd "$2" 2>/dev/null | grep -o '/[^ ]*' || true); do
    [ -e "$root$library" ] && continue
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
}

blob() { # FILE: moves it to its digest, which is printed
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  mv "$1" "$images/blobs/sha256:$digest"
  echo "sha256:$digest"
}

# image NAME TAG PROGRAM: of the files that were put since the last one
image() {
  mkdir -p "$root/tmp" "$root/etc" "$images/$1"
  tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$build/layer" .
  layer=$(sha256sum "$build/layer" | cut -d ' ' -f 1)
  size=$(stat -c %s "$build/layer")
  blob "$build/layer" >/dev/null
  cat >"$build/config" <<END
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{"Entrypoint":["$3"],"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{}]}
END
  config_size=$(stat -c %s "$build/config")
  config=$(blob "$build/config")
  cat >"$images/$1/$2.new" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"$config","size":$config_size},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:$layer","size":$size}]}
END
  # Who pulls asks for the tag's digest first, and then for the manifest with that digest.
  cp "$images/$1/$2.new" "$build/manifest"
  blob "$build/manifest" >/dev/null
  mv "$images/$1/$2.new" "$images/$1/$2"
  rm -rf "$root"
}

# The tools of the firewall and a shell, for kube-proxy and the Pod network.
network_tools() {
  for program in /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi /usr/sbin/conntrack /usr/sbin/ipset; do
    put $program $program
  done
  put /usr/sbin/ip "$(command -v ip)"
  put /bin/busybox "$(command -v busybox)"
  for extension in /usr/lib/*/xtables/*; do put "$extension" "$extension"; done
  for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -s xtables-nft-multi "$root/usr/sbin/$name"
  done
  for name in sh cat ls sleep sed awk grep mkdir cp mv wget cut tr sort echo true; do
    ln -s busybox "$root/bin/$name"
  done
}

rm -rf "$root"
bin=$build/bin/v$version
for program in kube-apiserver kube-controller-manager kube-scheduler; do
  put /usr/local/bin/$program "$bin/$program"
  mkdir -p "$root/usr/bin"
  ln -s /usr/local/bin/$program "$root/usr/bin/$program"
  image $program "v$version" /usr/local/bin/$program
done
put /usr/local/bin/kube-proxy "$bin/kube-proxy"
network_tools
image kube-proxy "v$version" /usr/local/bin/kube-proxy

put /pause "$build/bin/pause"
image pause 3.2 /pause

put /coredns "$build/bin/coredns"
image coredns 1.7.0 /coredns

put /usr/local/bin/etcd /usr/bin/etcd
put /usr/local/bin/etcdctl /usr/bin/etcdctl
mkdir -p "$root/bin"
ln -s /usr/local/bin/etcd "$root/bin/etcd"
image etcd 3.4.13-0 /usr/local/bin/etcd

put /usr/local/bin/kubectl "$bin/kubectl"
network_tools
image lab-cni 1 /bin/sh
