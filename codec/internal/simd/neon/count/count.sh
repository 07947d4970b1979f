#!/bin/sh
# Counts the instructions that an ARM64 processor executes to decode 2 seconds of stereo music with the default preset, on each path, and
# fails if kernels take more than a quarter of what plain Go takes. It needs qemu-user and a C compiler, and takes some minutes.
#
# usage: codec/internal/simd/neon/count/count.sh
set -eu
cd "$(dirname "$0")/../../../../.."
sh setup/packages.sh arm64 compiler || true
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) && compiler=$(command -v gcc || command -v clang) || {
	echo "SKIPPED: counting instructions, which needs qemu-user and a C compiler."
	exit 0
}
go=${GO:-go}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
$compiler -Wall -Wextra -O2 -shared -fPIC -o "$dir/plugin.so" codec/internal/simd/neon/count/plugin.c
CGO_ENABLED=0 $go build -tags headless -o "$dir/here" .
CGO_ENABLED=0 GOARCH=arm64 $go build -tags headless -o "$dir/arm64" .

# 88,200 samples of two channels from the middle of a recording, with a header of their own.
frames=88200
{
	printf 'RIFF\044\142\005\000WAVEfmt \020\000\000\000\001\000\002\000\104\254\000\000\020\261\002\000\004\000\020\000data\040\142\005\000'
	tail -c +100045 testdata/demo/music/piano.wav | head -c $((4 * frames))
} >"$dir/two.wav"
(cd "$dir" && ./here compress two.wav -o two.trilobyte >/dev/null)

# count PATH prints how many instructions decoding takes.
count() {
	rm -rf "$dir/files"
	GOMAXPROCS=1 TRILOBYTE_CPU=$1 COUNTED=$dir/counted "$qemu" -cpu max -plugin "$dir/plugin.so" "$dir/arm64" \
		restore "$dir/two.trilobyte" -C "$dir/files" >/dev/null
	cmp "$dir/two.wav" "$dir/files/two.wav" >&2
	cat "$dir/counted"
}

all=$(count go)
echo "go: $((all / 1000000)) million instructions, $((all / frames / 2)) a sample"
failed=0
for path in neon neon-dot; do
	n=$(count $path)
	echo "$path: $((n / 1000000)) million instructions, $((n / frames / 2)) a sample: $((n * 1000 / all)) thousandths of plain Go's"
	[ $((n * 4)) -le "$all" ] || failed=1
done
exit $failed
