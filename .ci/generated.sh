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
(cd $copy && PYTHON=$python "${GO:-go}" generate ./codec/...)
if ! diff -qr -x __pycache__ codec $copy/codec; then
	diff -r -x __pycache__ codec $copy/codec | cut -c1-200 | head -n 40
	echo "The generated files are not what their generators make now: run go generate ./codec/... and look at what changes." >&2
	exit 1
fi
rm -rf $copy
echo "The generated files are what their generators make."
