#!/bin/sh
# Fetches ONNX Runtime through npm, checks its hash, and puts the library into a folder, with its checksums.
#
#   codec/model/onnx/install.sh 1.30.0 build/onnxruntime        the library alone
#   codec/model/onnx/install.sh 1.24.1 build/onnxruntime-1.24.1 an older one, for tests
#   codec/model/onnx/install.sh cuda   build/onnxruntime        with the provider for CUDA 13 (Linux on x64)
set -eu
version=$1
folder=$2

fail() { echo "$@" >&2; exit 1; }

if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi

if [ -f "$folder/VERSION" ] && [ "$(cat "$folder/VERSION")" = "$version" ] && (cd "$folder" && $sum -c SHA256SUMS >/dev/null 2>&1); then
	echo "ONNX Runtime ($version) is in $folder already."
	exit 0
fi
command -v npm >/dev/null || fail "ONNX Runtime is fetched through npm: install Node.js with npm first. Trilobyte works without it."

case $(uname -s) in
Linux) system=linux ;;
Darwin) system=darwin ;;
*) system=win32 ;;
esac
case $(uname -m) in
aarch64 | arm64) processor=arm64 ;;
x86_64 | amd64) processor=x64 ;;
*) fail "There is no package of ONNX Runtime for this kind of processor." ;;
esac

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# fetch PACKAGE VERSION SHA256 unpacks a package into $temporary/package.
fetch() {
	echo "Fetching $1 $2 ..."
	(cd "$temporary" && npm pack --silent "$1@$2" >/dev/null) || fail "npm could not fetch $1 $2."
	found=$($sum "$temporary/$1-$2.tgz" | cut -d' ' -f1)
	[ "$found" = "$3" ] || fail "$1 $2 is not what it should be: its SHA-256 is $found instead of $3."
	tar -xzf "$temporary/$1-$2.tgz" -C "$temporary"
	rm "$temporary/$1-$2.tgz"
}

providers=
case $version in
1.30.0) fetch onnxruntime-node 1.30.0 6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75 ;;
1.24.1) fetch onnxruntime-node 1.24.1 57181cf6e6e711b155c5b942d591fd63ded0b5de5c4922d51fd994e7f6ac2772 ;;
cuda)
	[ $system-$processor = linux-x64 ] || fail "The CUDA provider is for Linux on x64."
	fetch com.github.asus4.onnxruntime.linux-x64-gpu 0.4.9 2b459e0c17f340c92970c10ed86de4f37a3009f93c14053e6ad4334cbb6be412
	providers="libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so"
	for file in $providers; do mv "$temporary/package/Plugins/Linux/x64/$file" "$temporary"; done
	rm -rf "$temporary/package"
	fetch onnxruntime-node 1.29.0 cfdfb45ec4044b1fdca43e5d2e180fb6817e649ff8ad1e0dfc90e18e51b67037
	;;
*) fail "There is no hash here for ONNX Runtime $version." ;;
esac

from=$temporary/package/bin/napi-v6/$system/$processor
[ -d "$from" ] || fail "ONNX Runtime $version has no library for $system on $processor."
rm -rf "$folder"
mkdir -p "$folder"
for file in $providers; do mv "$temporary/$file" "$folder"; done
rm "$from"/*.node
mv "$from"/* "$folder"
echo "$version" >"$folder/VERSION"
(cd "$folder" && $sum -- *onnxruntime* >SHA256SUMS)
echo "ONNX Runtime ($version) is in $folder."
