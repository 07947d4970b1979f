#!/bin/bash
# Installs the .deb in a bare Debian 12 that has nothing of it, uses it, and removes it: packaging/linux/test.sh FILE.deb
#
# It takes root, debootstrap, and being allowed to mount; dist/ has the file after make packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${IN_NAMESPACE:-}" ]; then # mounts and processes are gone when the first process is
	root=$(mktemp -d /var/tmp/trilobyte-deb.XXXXXX)
	trap 'rm -rf --one-file-system "$root"' EXIT
	IN_NAMESPACE=$root unshare --mount --pid --fork --kill-child bash "$0" "$(realpath "$1")"
	exit
fi
root=$IN_NAMESPACE
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
echo "Making a bare Debian 12."
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >"$root/making.log" 2>&1 || { tail "$root/making.log" >&2; exit 1; }
chmod 755 "$root"
for path in /etc/apt /etc/resolv.conf /etc/hosts /usr/local/share/ca-certificates; do # where packages come from
	[ ! -e $path ] || { rm -rf "$root$path" && mkdir -p "$root$(dirname $path)" && cp -aL $path "$root$path"; }
done
cp -an /usr/share/keyrings/. "$root/usr/share/keyrings"
chroot "$root" update-ca-certificates >/dev/null 2>&1
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir "$root/root/Music"
cp -R testdata/demo "$root/root/Music/demo"
cp -R testdata/demo "$root/root/Music/dropped"
cp "$1" "$root/root/trilobyte.deb"
cp packaging/linux/use.sh "$root/root"
env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$root" bash /root/use.sh
