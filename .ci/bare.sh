#!/usr/bin/env bash
# Makes a bare Debian 12 with git and make in a folder, puts this checkout into it, with Go, and runs a command there.
#
# usage: unshare --mount --pid --fork .ci/bare.sh ROOT COMMAND
#
# It takes over from this machine where packages come from (apt, pip, npm, Go) and what they are trusted by, the
# environment, Go with its modules, and ../shared. Everything else is as on a new machine: no compiler, no npm, nothing
# built. Exit code: the command's, or 75 if the root could not be made.
set -euo pipefail
root=$1 command=$2
suite=bookworm
cd "$(dirname "$0")/.."

fail() {
	echo "No bare Debian: $1" >&2
	exit 75
}

if ! command -v debootstrap >/dev/null; then
	echo "Installing debootstrap, with apt-get, to make a bare Debian."
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap; } </dev/null >/dev/null ||
		fail "there is no debootstrap."
fi
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk -v s=$suite '$2 == s { print $1; exit }')
[ -n "$mirror" ] || fail "this machine has no source of packages of $suite."
echo "Making a bare Debian ($suite) in $root."
debootstrap --variant=minbase --include=ca-certificates,git,make $suite "$root" "$mirror" >"$root/making.log" 2>&1 || {
	tail -n 20 "$root/making.log" >&2
	fail "debootstrap failed."
}
rm -f "$root/making.log"

# take FILE... copies files and folders to the same place in the root, as far as they are here.
take() {
	for path; do
		[ -e "$path" ] || continue
		mkdir -p "$root$(dirname "$path")"
		rm -rf "${root:?}$path"
		cp -aL "$path" "$root$path"
	done
}
chmod 755 "$root" # apt works as another user
take /etc/apt /etc/resolv.conf /etc/hosts /usr/local/share/ca-certificates /etc/pip.conf
cp -an /usr/share/keyrings/. "$root/usr/share/keyrings"
chroot "$root" update-ca-certificates >/dev/null 2>&1
for file in .npmrc .config/pip .pip .config/go; do
	[ ! -e "$HOME/$file" ] || { mkdir -p "$(dirname "$root/root/$file")" && cp -aL "$HOME/$file" "$root/root/$file"; }
done

[ ! -d "${PIP_FIND_LINKS:-}" ] || take "$PIP_FIND_LINKS"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe" # nothing in the root has to last

# What git has, as it is now: built and ignored files stay behind.
mkdir -p "$root/src"
git -c safe.directory='*' clone --quiet --no-checkout . "$root/src/trilobyte"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
	[ ! -e "$file" ] && [ ! -L "$file" ] || printf '%s\0' "$file"
done | tar -c --null --files-from=- | tar -x -C "$root/src/trilobyte"
git -C "$root/src/trilobyte" reset --quiet

# mount_from FOLDER PLACE [OPTIONS] shows a folder of this machine in the root, too.
mount_from() {
	mkdir -p "$root$2"
	mount --bind "$1" "$root$2" && mount -o "remount,bind,${3:-rw}" "$root$2" || fail "mounting is not allowed."
}
modules=$(go env GOMODCACHE)
mkdir -p "$modules"
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" ||
	fail "mounting is not allowed."
mount_from "$(go env GOROOT)" /usr/local/go ro
mount_from "$modules" /root/go/pkg/mod
[ ! -d ../shared ] || mount_from ../shared /src/shared ro

unset MAKEFLAGS MFLAGS MAKELEVEL TMPDIR GOROOT GOCACHE GOBIN GOENV
export CI=true HOME=/root GOPATH=/root/go GOMODCACHE=/root/go/pkg/mod
export PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
status=0
chroot "$root" bash -c "cd /src/trilobyte && $command" || status=$?
[ $status != 75 ] || status=1
exit $status
