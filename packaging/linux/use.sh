#!/bin/bash
# What packaging/linux/test.sh does in the bare Debian, as root.
set -euo pipefail
cd /root
fail() {
	echo "FAILED: $1" >&2
	exit 1
}
quietly() { "$@" >/root/log 2>&1 || { tail -n 20 /root/log >&2; fail "$*"; }; }

quietly apt-get update
quietly apt-get install -y --no-install-recommends xvfb x11-utils # to look at the window
# removed removes the package, and fails if anything of it is left.
removed() {
	quietly apt-get purge -y trilobyte
	left=$(find / -xdev -iname '*trilobyte*' -not -path '/root/*' -not -path '/proc/*' -not -path '/var/cache/apt/*')
	[ -z "$left" ] || fail "these are left: $left"
	left=$(grep -rIl trilobyte /usr/share/applications /usr/share/mime /etc /var/lib/dpkg/status 2>/dev/null || true)
	[ -z "$left" ] || fail "these still speak of it: $left"
}

start=$SECONDS
quietly apt-get install -y ./trilobyte.deb
echo "Installed within $((SECONDS - start)) s, with $(($(grep -c '^Setting up ' log) - 1)) packages that it depends on or recommends."

start=$SECONDS
trilobyte --version | head -n 1
for locale in C C.UTF-8 de_DE.UTF-8; do
	said=$(LC_ALL=$locale trilobyte --version 2>&1 >/dev/null)
	[ -z "$said" ] || fail "with the locale $locale it says '$said'"
done
quietly trilobyte compress Music/demo
quietly trilobyte verify Music/demo.trilobyte
quietly trilobyte restore Music/demo.trilobyte -C back
diff -r Music/demo back/demo
echo "The demo came back the same, $((SECONDS - start)) s after that."

desktop=$(xdg-mime query default application/x-trilobyte)
[ "$desktop" = org.trilobyte.Trilobyte.desktop ] || fail "archives are opened by '$desktop'"
type=$(xdg-mime query filetype Music/demo.trilobyte)
[ "$type" = application/x-trilobyte ] || fail "an archive is taken for '$type'"
for type in inode/directory audio/x-wav audio/vnd.wave; do
	desktop=$(xdg-mime query default $type)
	[ -z "$desktop" ] || fail "what is of the type $type is opened by '$desktop', which nobody asked for"
done
echo "File managers open archives with it, and nothing else."

removed
Xvfb :9 -screen 0 1280x900x24 >/dev/null 2>&1 &
screen=$!
export DISPLAY=:9
sleep 1
start=$SECONDS # what it depends on is there, as on a desktop
quietly apt-get install -y ./trilobyte.deb
trilobyte Music/dropped >/root/window.log 2>&1 &
window=$!
for _ in $(seq 60); do
	[ ! -e Music/dropped.trilobyte ] || break
	sleep 1
done
xwininfo -root -tree | grep -q '"Trilobyte' || { cat /root/window.log >&2; fail "there is no window"; }
[ -e Music/dropped.trilobyte ] || fail "the window made no archive"
echo "Installed again, the window opened and made an archive of the folder on its command line, within $((SECONDS - start)) s."
kill $window $screen
wait || true

removed
echo "Removed, nothing is left but the user's settings: $(find /root -ipath '*config*trilobyte*' | head -n 3 | tr '\n' ' ')"
