#!/bin/sh
# Has Wine install Trilobyte, open its window with a folder on its command line, and remove it: testdata/wine/installer.sh SETUP.exe
#
# dist/ has the file after make packages.
setup=$(realpath "$1")
. "$(dirname "$0")/wine.sh"
sh setup/packages.sh screen || { echo "SKIPPED: the window for Windows, because there is no virtual screen."; exit 0; }
fail() {
	echo "FAILED: $1" >&2
	cat "$dir/window.log" >&2 || true
	exit 1
}
work=$dir/installer
rm -rf "$work"
mkdir -p "$work/Album"
cp testdata/demo/music/conga.wav "$work/Album"
Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$work/display" >/dev/null 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null || true; wineserver -k 2>/dev/null || true' EXIT
until [ -s "$work/display" ]; do kill -0 $screen && sleep 0.2; done
DISPLAY=:$(cat "$work/display")
export DISPLAY

environment='HKCU\Environment'
path() { wine reg query "$environment" /v Path 2>/dev/null | tr -d '\r' | sed -n 's/^ *Path *//p'; }
long=$(printf 'C:\\folder-%d;' $(seq 100)) # longer than what the installer can read
wine reg add "$environment" /v Path /t REG_EXPAND_SZ /d "$long" /f >/dev/null
before=$(path)
wine "$setup" /S
[ "$(path)" = "$before" ] || fail "a long PATH has changed: $(path)"
wine reg delete "$environment" /v Path /f >/dev/null
wine "$setup" /S # again
programs=$(echo "$WINEPREFIX"/drive_c/users/*/AppData/Local/Programs/Trilobyte)
wine cmd /c "trilobyte --version" | grep '^trilobyte ' || fail "terminals do not find it"
wine reg add "$environment" /v Path /t REG_EXPAND_SZ /d "%USERPROFILE%\\own;$(path | sed 's/^REG[A-Z_]* *//')" /f >/dev/null
key='HKCU\Software\Classes\Trilobyte.Archive\shell\open\command'
wine reg query "$key" /ve | grep -qF 'trilobyte-window.exe" "%1"' || fail "archives are not opened with it"
wine "$programs/trilobyte-window.exe" "Z:$(echo "$work/Album" | tr / '\\')" >"$dir/window.log" 2>&1 &
for _ in $(seq 120); do
	[ ! -e "$work/Album.trilobyte" ] || break
	sleep 1
done
[ -e "$work/Album.trilobyte" ] || fail "the window made no archive"
wine "$programs/trilobyte.exe" verify "$work/Album.trilobyte"
wine taskkill /f /im trilobyte-window.exe >/dev/null 2>&1 || true
wine "$programs/uninstall.exe" /S
for _ in $(seq 60); do # it works in a copy of itself
	[ -e "$programs" ] || break
	sleep 1
done
[ ! -e "$programs" ] || fail "it is still there: $(ls "$programs")"
! wine reg query "$key" /ve >/dev/null 2>&1 || fail "archives are still opened with it"
[ "$(path)" = 'REG_EXPAND_SZ    %USERPROFILE%\own' ] || fail "of the user's PATH this is left: $(path)"
wine reg delete "$environment" /v Path /f >/dev/null
echo "On Windows (Wine): installed, the window made an archive of the folder on its command line, and removed again."
