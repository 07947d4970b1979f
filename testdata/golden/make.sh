#!/bin/sh
# Makes the golden archives anew, one for each preset, of the files that are in them. Only while the format may change: from
# release 1.0.0 on, golden archives stay as they are and others are added.
#
# usage: testdata/golden/make.sh PROGRAM-THAT-MADE-THEM PROGRAM
set -eu
cd "$(dirname "$0")"
old=$(realpath "$1") new=$(realpath "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$old" restore default.trilobyte -C "$dir" >/dev/null
for preset in fast default max; do
	rm -f $preset.trilobyte
	"$new" compress "$dir/golden" --preset $preset -o $preset.trilobyte >/dev/null
	(cd "$dir" && find golden -type f | LC_ALL=C sort | xargs -d '\n' sha256sum) >$preset.sha256
done
