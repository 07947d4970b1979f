#!/bin/sh
# Makes kinds.trilobyte, the golden archive of all kinds of recordings, and its checksums. Only while the format may change, as make.sh.
#
# usage: testdata/golden/kinds.sh PROGRAM
set -eu
cd "$(dirname "$0")/../.."
program=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${GO:-go}" run -tags headless ./testdata/golden/kinds "$dir/all"
rm -f testdata/golden/kinds.trilobyte
"$program" compress "$dir/all" -o testdata/golden/kinds.trilobyte
(cd "$dir" && find all -type f | LC_ALL=C sort | xargs -d '\n' sha256sum) >testdata/golden/kinds.sha256
