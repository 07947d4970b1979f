#!/bin/sh
# Makes the program for ARM64 and has it restore files of the golden archives in an emulator: archives must decode to the
# same bytes on every kind of processor.
#
# usage: testdata/golden/arm64.sh short|all     (see restore.sh)
set -eu
cd "$(dirname "$0")/../.."
sh setup/packages.sh arm64 || true
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || {
	echo "SKIPPED: the ARM64 build, because there is no qemu-user here and it could not be installed."
	exit 0
}
program=build/trilobyte-arm64
CGO_ENABLED=0 GOARCH=arm64 "${GO:-go}" build -tags headless -o $program .
echo "On ARM64 (emulated):"
ls testdata/golden/*.trilobyte |
	xargs -P "$(getconf _NPROCESSORS_ONLN)" -I ARCHIVE sh testdata/golden/restore.sh "$1" ARCHIVE "$qemu" $program
