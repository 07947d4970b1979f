#!/bin/sh
# Makes the program for ARM64 and has it restore files of the golden archives in an emulator, of a processor with dot products of bytes
# and of one without: archives must decode to the same bytes on every kind of processor. Then it runs the tests of the vector kernels.
#
# usage: testdata/golden/arm64.sh short|all     (see restore.sh)
set -eu
cd "$(dirname "$0")/../.."
sh setup/packages.sh arm64 || true
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || {
	echo "SKIPPED: the ARM64 build, because there is no qemu-user here and it could not be installed."
	exit 0
}
export CGO_ENABLED=0 GOARCH=arm64 GOFLAGS=-tags=headless
go=${GO:-go}
program=build/trilobyte-arm64
$go build -o $program .

# Compilers for ARM64 fuse a product and a sum into one operation, which rounds once, where no conversion says that the product is
# rounded. Only the sums of the network's plain Go may be fused, because they are exact.
fused=$($go tool objdump -s '^trilobyte/codec/' $program | awk '
	/^TEXT/ { function_ = $2 }
	/[ \t]FN?M(ADD|SUB)[SD] / && $1 !~ /^neon.*_arm64\.s:/ && function_ !~ /network\.sumPairs/ { print $1, function_ }')
if [ -n "$fused" ]; then
	printf 'Products that are not rounded before they are added to, on ARM64 (write float64(a*b) + c):\n%s\n' "$fused" >&2
	exit 1
fi

# restore CPU PATH LENGTH ARCHIVE...
restore() {
	cpu=$1 path=$2 length=$3
	shift 3
	printf '%s\n' "$@" | GOMAXPROCS=1 QEMU_CPU=$cpu TRILOBYTE_CPU=$path xargs -P "$(getconf _NPROCESSORS_ONLN)" -I ARCHIVE \
		sh testdata/golden/restore.sh "$length" ARCHIVE "$qemu" $program
}
echo "On ARM64 (emulated), with dot products:"
restore max neon-dot "$1" testdata/golden/*.trilobyte
fewer=few # only the network has other kernels there
[ "$1" != all ] || fewer=all
echo "On ARM64 (emulated), without:"
restore cortex-a72 neon $fewer testdata/golden/*.trilobyte
echo "On ARM64 (emulated), in plain Go:"
case $1 in
all) restore cortex-a72 go all testdata/golden/*.trilobyte ;;
*) restore cortex-a72 go short testdata/golden/fast.trilobyte ;;
esac

# tests CPU NAMES PACKAGE... runs the tests of kernels, which compare all paths of the processor with plain Go.
tests() {
	cpu=$1 names=$2
	shift 2
	QEMU_CPU=$cpu $go test -vet=off -timeout 60m -short -exec "$qemu" -run "$names" "$@"
}
kernels='^(TestBlock|TestNormalise|TestDot64|TestLayouts|TestSolveKeeps|TestCorrection|TestMix|TestToneKernels|TestWeigh|TestStackingIs|TestComparison|TestLogs|TestSigned|TestBelow|TestSetMixture|TestSymbols|TestCorrected)'
packages="./codec/internal/predictor ./codec/internal/feature ./codec/internal/entropy/mixture ./codec/internal/entropy/symbol"
case $1 in
all)
	tests cortex-a72 . $packages
	tests max . ./codec/internal/network
	for os in linux darwin windows; do
		GOOS=$os $go vet ./codec/...
	done
	GOARCH= GOFLAGS= sh codec/internal/simd/neon/count/count.sh
	;;
*)
	tests cortex-a72 "$kernels" $packages
	tests cortex-a72 '^TestLeastSquares$/^(normal|specials)$' ./codec/internal/predictor
	tests max '^Test(Layer|Averages)' ./codec/internal/network
	GOOS=linux $go vet ./codec/internal/...
	;;
esac
