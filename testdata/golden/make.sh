#!/bin/sh
# Makes the golden archives anew, one for each preset, of the files that are in that of fast; that of default has files of all kinds
# besides. Only while the format may change: from release 1.0.0 on, golden archives stay as they are and others are added.
#
# usage: testdata/golden/make.sh PROGRAM-THAT-MADE-THEM PROGRAM
set -eu
old=$(realpath "$1") new=$(realpath "$2")
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$old" restore fast.trilobyte -C "$dir/fast" >/dev/null
mkdir "$dir/max" "$dir/default"
cp -a "$dir/fast/golden" "$dir/max"
cp -a "$dir/fast/golden" "$dir/default"
(cd ../.. && "${GO:-go}" run -tags headless ./testdata/golden/kinds "$dir/default/all")
for preset in fast default max; do
	rm -f $preset.trilobyte
	"$new" compress "$dir/$preset"/* --preset $preset -o $preset.trilobyte >/dev/null
	(cd "$dir/$preset" && find . -type f | cut -c3- | LC_ALL=C sort | xargs -d '\n' sha256sum) >$preset.sha256
done
