# Sourced by the tests in this folder: makes a Windows for them in build/wine. Its files are in $dir.
set -eu
cd "$(dirname "$0")/../.."
sh setup/packages.sh wine || true
for tool in wine x86_64-w64-mingw32-gcc; do
	command -v $tool >/dev/null || {
		echo "SKIPPED: the tests of the Windows build, because $tool is not here and could not be installed."
		exit 0
	}
done
dir=$PWD/build/wine
mkdir -p "$dir/home"
# No Windows of the user's own is used or changed, and nothing is put into the menu.
export LC_ALL=C.UTF-8 WINEPREFIX=$dir/prefix WINEDEBUG=-all WINEDLLOVERRIDES="winemenubuilder.exe=d;mscoree=d;mshtml=d"
trap 'wineserver -k 2>/dev/null || true' EXIT
wineserver -p 2>/dev/null || true # it stays between programs, which saves a second each
if [ ! -e "$dir/made" ]; then
	rm -rf "$WINEPREFIX"
	{ HOME=$dir/home wineboot --init && wineserver -w; } >"$dir/making.log" 2>&1 </dev/null || { cat "$dir/making.log" >&2; exit 1; }
	system=$WINEPREFIX/drive_c/windows/system32
	grep -qs ProcessPrng "$system/bcryptprimitives.dll" ||
		x86_64-w64-mingw32-gcc -shared -o "$system/bcryptprimitives.dll" testdata/wine/bcryptprimitives.c -ladvapi32
	touch "$dir/made"
fi
# The server that made it may be ending just now, and then the first program that asks for it fails: it is asked by one that does nothing.
for _ in 1 2 3 4 5; do
	! wine cmd /c exit >/dev/null 2>&1 </dev/null || break
	sleep 1
done
