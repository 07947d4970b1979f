#!/bin/sh
# Restores files of a golden archive and compares them with their checksums.
#
# usage: restore.sh LENGTH ARCHIVE PROGRAM...
#
# PROGRAM may have an emulator before it, which is slow: with the LENGTH short, the two longest recordings are left out, of archives of
# the preset max all but three short ones, and of files of all kinds all but a short one of each container; with the LENGTH few, all but
# three of each archive are, and three files of all kinds; with the LENGTH all, nothing is.
set -eu
length=$1 archive=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sums=${archive%.trilobyte}.sha256
case $length-$archive in
short-*max.trilobyte | few-*max.trilobyte) grep -E ' golden/(song|lattice|stereo-copy)\.wav$' "$sums" ;;
few-*) grep -E ' golden/(song|lattice|eight)\.wav$| all/kinds/(06|14|16) ' "$sums" ;;
short-*) awk '/ all\// ? / all\/kinds\/(06|07|08|10|12|14|16|18) / : !/ golden\/(long|uneven)\.wav$/' "$sums" ;;
all-*) cat "$sums" ;;
esac >"$dir/sums"
set -- "$@" restore "$archive" -C "$dir/files"
while IFS= read -r line; do
	set -- "$@" "${line#*  }"
done <"$dir/sums"
"$@" >/dev/null
(cd "$dir/files" && sha256sum --check --quiet "$dir/sums")
echo "$archive: $(wc -l <"$dir/sums") of $(wc -l <"$sums") files came back"
