#!/bin/sh
# Installs what the commands in the Makefile need and Debian has packages of: setup/packages.sh GROUP...
#
# The packages that are missing are named before they are installed, and who sits at the terminal is asked. Exit code 0:
# all that the groups are for is here now. With SETUP=done in the environment nothing is installed (setup/tests.sh has
# tried already). On systems without apt-get, nothing is either.
set -eu

# packages GROUP lists the packages of a group.
packages() {
	case $1 in
	compiler) echo gcc libc6-dev ;; # for the race detector, and for loading ONNX Runtime
	npm) echo npm ;;                # brings ONNX Runtime
	python) echo python3-venv ;;    # for the second decoder, and for training
	peers) echo flac wavpack ;;     # what is measured against
	arm64) echo qemu-user ;;        # runs the ARM64 build
	wine) echo wine wine64 gcc-mingw-w64-x86-64-win32 ;; # runs the Windows build, with what Wine 8 lacks for it
	# What the window is made with. gcc takes minutes for the OpenGL bindings, clang seconds.
	window)
		echo clang libc6-dev pkg-config libgl1-mesa-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev \
			libxxf86vm-dev libasound2-dev
		;;
	packages) echo dpkg-dev xz-utils zip nsis llvm gcc-mingw-w64-x86-64-win32 ;; # what users install, for all systems
	cluster) echo slurm-wlm munge snakemake ;; # what a library can be archived with
	screen) echo xvfb openbox libgl1-mesa-dri ;; # where its tests draw
	*) echo "setup/packages.sh knows no group $1" >&2 && exit 2 ;;
	esac
}

# here GROUP says whether a group has what it is for, from a package or not.
here() {
	case $1 in
	compiler) command -v "$("${GO:-go}" env CC)" ;;
	npm) command -v npm ;;
	python) python3 -c 'import ensurepip' ;;
	peers) command -v flac && command -v wavpack ;;
	arm64) command -v qemu-aarch64 || command -v qemu-aarch64-static ;;
	wine) command -v wine && command -v x86_64-w64-mingw32-gcc ;;
	window) command -v clang && pkg-config --exists gl xcursor xrandr xinerama xi xxf86vm alsa ;;
	packages) command -v dpkg-shlibdeps && command -v zip && command -v makensis && ls /usr/bin/llvm-lipo /usr/lib/llvm-*/bin/llvm-lipo | grep . &&
		command -v x86_64-w64-mingw32-gcc ;;
	cluster) command -v slurmctld && command -v munged && command -v snakemake ;;
	screen) command -v Xvfb && command -v openbox && ls /usr/lib*/dri/swrast_dri.so /usr/lib/*/dri/swrast_dri.so | grep . ;;
	*) return 1 ;;
	esac >/dev/null 2>&1
}

missing=
for group; do
	here "$group" || missing="$missing $(packages "$group")"
done
[ -n "$missing" ] || exit 0
[ -z "${SETUP:-}" ] || exit 1
command -v apt-get >/dev/null || exit 1

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "Installing with apt-get:$missing"
sh "$(dirname "$0")/ask.sh" "Install them?" || exit 1
apt() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" </dev/null >/dev/null; }
apt update && apt install -y --no-install-recommends $missing
for group; do
	here "$group" || exit 1
done
