#!/bin/sh
# Makes the program for Windows, and has Wine archive, verify and restore the demo with it, and run the scripts that test the
# command line. Programs for Windows find this machine's folders on the drive Z:.
#
# usage: testdata/wine/test.sh short|all     (all the scripts, or those that are about files)
. "$(dirname "$0")/wine.sh"
go=${GO:-go} scripts='compress|compress_errors|restore|windows'
[ "$1" = short ] || scripts='.*'
export CGO_ENABLED=0
program=$dir/program.exe
GOOS=windows "$go" build -tags headless -o "$program" .

echo "On Windows (Wine):"
rm -rf "$dir/demo"
mkdir "$dir/demo"
cp -R testdata/demo "$dir/demo"
(
	cd "$dir/demo"
	wine "$program" compress demo >/dev/null
	wine "$program" verify demo.trilobyte
	wine "$program" restore demo.trilobyte -C back
	diff -r demo back/demo
	! find . -name '.trilobyte-*' | grep . || { echo "These temporary files are left." >&2; exit 1; }
)
"$go" run -tags headless . compress "$dir/demo/demo" -o "$dir/demo/here.trilobyte" >/dev/null
"$go" run -tags headless ./testdata/wine/compare "$dir/demo/here.trilobyte" "$dir/demo/demo.trilobyte"

GOOS=windows "$go" test -tags headless -count=1 -exec wine -run Windows ./app/disk
GOOS=windows "$go" test -tags headless -c -o "$dir/trilobyte.exe" ./app/cli
# Ctrl+C is for the programs of a console, which Wine makes where there is a terminal.
cp "$dir/trilobyte.exe" "$dir/signals.exe" # by its other name it would be the program itself
script -qec "wine '$dir/signals.exe' -test.v -test.run ^TestSignals" "$dir/signals.log" >/dev/null </dev/null || true
grep -a -o -e '--- PASS: TestSignalsStopCleanly/interrupt' "$dir/signals.log" || { cat "$dir/signals.log" >&2; exit 1; }
mkdir -p "$dir/bin"
cat >"$dir/bin/trilobyte" <<END
#!/bin/sh
export LC_ALL=$LC_ALL WINEPREFIX='$WINEPREFIX' WINEDEBUG=$WINEDEBUG WINEDLLOVERRIDES='$WINEDLLOVERRIDES'
exec wine '$dir/trilobyte.exe' "\$@"
END
chmod +x "$dir/bin/trilobyte"
TRILOBYTE_WINE=yes TRILOBYTE_PROGRAM=$dir/bin "$go" test -tags headless -count=1 -run "^TestScripts\$/^($scripts)\$" ./app/cli
