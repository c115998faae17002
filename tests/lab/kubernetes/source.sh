#!/bin/sh
# source.sh BUILD: Debian's source of Kubernetes as a GOPATH, BUILD/go, with what it lacks to be built by today's Go.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
tree=src/k8s.io/kubernetes
if [ ! -d "$build/go" ]; then
  rm -rf "$build/go.new"
  mkdir -p "$build/apt/lists/partial" "$build/apt/cache/archives/partial" "$build/go.new/src/k8s.io"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
  # Lists and sources of its own: this machine's apt needs no deb-src, and is not locked.
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >"$build/apt/sources.list"
  own="-o Dir::Etc::SourceList=$build/apt/sources.list -o Dir::Etc::SourceParts=/dev/null"
  own="$own -o Dir::State::Lists=$build/apt/lists -o Dir::Cache=$build/apt/cache -o APT::Sandbox::User=root"
  # shellcheck disable=SC2086
  (cd "$build" && apt-get $own update -qq && apt-get $own source -qq --download-only kubernetes >/dev/null)
  tar -xzf "$build"/kubernetes_*.orig.tar.gz -C "$build/go.new/src/k8s.io"
  mv "$build"/go.new/src/k8s.io/kubernetes-* "$build/go.new/$tree"

  # The reflect2 that is part of it knows no Go after 1.17: Debian's own does.
  reflect=$build/go.new/$tree/vendor/github.com/modern-go/reflect2
  rm -f "$reflect"/*.go "$reflect"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go /usr/share/gocode/src/github.com/modern-go/reflect2/*.s "$reflect"
  rm -f "$reflect"/*_test.go

  # The API server's OpenAPI definitions are generated, and no part of the package.
  export GOPATH="$build/go.new" GO111MODULE=off CGO_ENABLED=0 GOCACHE="$build/cache"
  go build -o "$build/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
  cd "$build/go.new/$tree"
  folders=$(grep -rl --include='*.go' '+k8s:openapi-gen=' . |
    grep -v -E '^\./(vendor/k8s.io/(kube-openapi|gengo|code-generator)|staging/src/k8s.io/(code-generator|sample))' |
    grep -v -E '_test\.go|/test/|/third_party/' | xargs -n1 dirname | sort -u)
  inputs=$(echo "$folders" | sed -e 's,^\./,k8s.io/kubernetes/,' -e 's,kubernetes/staging/src,kubernetes/vendor,' | paste -sd,)
  "$build/openapi-gen" --logtostderr -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h hack/boilerplate/boilerplate.generatego.txt -r "$build/openapi.report"
  cd /
  mv "$build/go.new" "$build/go"
fi
for program in "$here"/programs/*; do
  mkdir -p "$build/go/$tree/cmd/lab-${program##*/}"
  cp "$program/main.go" "$build/go/$tree/cmd/lab-${program##*/}/main.go"
done
