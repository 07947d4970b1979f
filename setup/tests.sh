#!/bin/sh
# Installs what the tests need. What cannot be installed is no error: the tests that need it say that they are skipped.
set -u
cd "$(dirname "$0")/.."
sh setup/packages.sh compiler npm python peers window screen arm64 wine
echo "Building staticcheck, as go.mod says, while the rest is installed."
! command -v clang >/dev/null || export CC=clang # as the tests do, so that it is built once
${GO:-go} tool -n staticcheck >/dev/null &
sh setup/python.sh codec/reference/requirements.txt
sh setup/python.sh training/requirements.txt
sh setup/python.sh codec/internal/cuda/kernel/requirements.txt
for version in 1.30.0 1.24.1; do
	[ -e build/onnxruntime-$version ] || sh setup/ask.sh "Fetch ONNX Runtime $version through npm (200 MB)?" || continue
	sh codec/internal/network/onnx/install.sh $version build/onnxruntime-$version
done
wait
exit 0
