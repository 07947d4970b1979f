#!/bin/sh
# Sums up what has become of the folders in a list: deploy/table.sh LIST ARCHIVES
#
# One line a folder (state, folder, size of the archive, files, size of the originals, seconds, note; separated by tabs; sizes in
# bytes), and the sums. Exit code: 0 if all are archived and verified.
set -eu
list=$1 archives=$2
{
	printf 'state\tfolder\tarchive\tfiles\toriginal\tseconds\tnote\n'
	grep -v '^[[:space:]]*$' "$list" | while IFS= read -r folder; do
		folder=$(realpath -m -- "$folder")
		cat "$archives/${folder#/}.row" 2>/dev/null || printf 'not begun\t%s\t0\t0\t0\t0\t\n' "$folder"
	done
} | awk -F '\t' '
	{ print }
	NR > 1 { folders++; archive += $3; files += $4; original += $5; seconds += $6; if ($1 == "verified") verified++ }
	END {
		printf "%d of %d verified\tall\t%.0f\t%d\t%.0f\t%d\t\n", verified, folders, archive, files, original, seconds
		exit verified != folders
	}'
