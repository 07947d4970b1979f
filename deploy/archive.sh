#!/bin/sh
# Archives one folder of a library: deploy/archive.sh FOLDER ARCHIVES
#
# The archive lies below the folder ARCHIVES as FOLDER lies on its disk: ARCHIVES/music/Album.trilobyte is that of /music/Album.
# Beside it is a row for the table, Album.row: what became of it. A folder whose row says "verified" is not done again; one that
# failed is, and goes on behind the last file that was finished. Of folders in which files fail, what can be archived is in
# Album.incomplete.trilobyte until they do not fail any more. Exit code: 0 if the folder is archived and verified.
#
# TRILOBYTE is the program, and OPTIONS are more of its options: OPTIONS="--preset max --jobs 4".
set -eu
folder=$(realpath -m -- "$1") archives=$2
name=$archives/${folder#/}
archive=$name.trilobyte row=$name.row
mkdir -p "$(dirname "$name")"
log=$(mktemp)
trap 'rm -f "$log" "$log.json"' EXIT

# write STATE SIZE FILES ORIGINAL SECONDS NOTE writes the row in one step, so that it is there or not.
write() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$folder" "$2" "$3" "$4" "$5" "$6" >"$row.new"
	mv "$row.new" "$row"
}

if [ -e "$archive" ] && grep -q '^verified	' "$row" 2>/dev/null && [ "$(cut -f 3 "$row")" = "$(stat -c %s "$archive")" ]; then
	exit 0
fi
write "not finished" 0 0 0 0 "the job was ended, or still works"
start=$(date +%s)
code=0
if [ -e "$archive" ]; then # it got its name, but the job ended before its row was written
	"${TRILOBYTE:-trilobyte}" verify "$archive" --json >"$log.json" 2>"$log" || code=$?
else
	# shellcheck disable=SC2086 # they are several words
	"${TRILOBYTE:-trilobyte}" compress "$folder" -o "$archive" --json ${OPTIONS:-} >"$log.json" 2>"$log" || code=$?
fi
seconds=$(($(date +%s) - start))
note=$(head -n 1 "$log" | tr '\t' ' ')
files=$(grep -c '"event":"verified"' "$log.json" || true)
# Names are in quotes of JSON, so nothing else begins with {"event":"verified".
original=$(sed -n 's/^{"event":"verified",.*"size":\([0-9]*\),"compressed".*/\1/p' "$log.json" | awk '{ n += $1 } END { print n + 0 }')
if [ $code = 0 ]; then
	write verified "$(stat -c %s "$archive")" "$files" "$original" "$seconds" ""
	rm -f "$name.incomplete.trilobyte"
	exit 0
fi
[ ! -e "$archive" ] || mv "$archive" "$name.incomplete.trilobyte"
write failed 0 "$files" "$original" "$seconds" "${note:-exit code $code}"
exit 1
