#!/bin/sh
# Generates the assembly and the GPUs' kernel anew, in a copy, and fails if anything is not what it was.
set -eu
cd "$(dirname "$0")/.."
copy=build/generated
rm -rf $copy
mkdir -p $copy
cp go.mod go.sum $copy
cp -R codec $copy
grep -rlE --include='*.go' --include='*.s' '^// Code generated .* DO NOT EDIT\.$' $copy | xargs rm
python=$PWD/.venv/bin/python
sh setup/python.sh codec/internal/cuda/kernel/requirements.txt || python=
export PYTHON="$python"
# Kernels for ARM64 are compiled by one version of clang, which the window's packages bring on Debian 12.
if (cd $copy && "${GO:-go}" run ./codec/internal/simd/neon -check); then
	(cd $copy && "${GO:-go}" generate ./codec/...)
else
	echo "SKIPPED: generating the kernels for ARM64 anew."
	(cd $copy && "${GO:-go}" generate -skip simd/neon ./codec/...)
	for file in $(cd codec && find . -name 'neon*_arm64.*'); do
		cp "codec/$file" "$copy/codec/$file"
	done
fi
if ! diff -qr -x __pycache__ codec $copy/codec; then
	diff -r -x __pycache__ codec $copy/codec | cut -c1-200 | head -n 40
	echo "The generated files are not what their generators make now: run go generate ./codec/... and look at what changes." >&2
	exit 1
fi
rm -rf $copy
echo "The generated files are what their generators make."
