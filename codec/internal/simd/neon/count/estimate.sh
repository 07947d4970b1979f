#!/bin/sh
# Estimates, with llvm-mca, the cycles that the kernels' inner loops take: on two ARM64 processors, and those for AVX2 on an x86-64 one. Of
# each kernel it takes the loop with most products that has none inside, and prints the cycles for 16 of its products, as a table. What caches and
# branches cost is not in it. It needs LLVM's tools (Debian's package llvm).
#
# usage: codec/internal/simd/neon/count/estimate.sh
set -eu
cd "$(dirname "$0")/../../../../.."
command -v llvm-mca >/dev/null || {
	echo "Install LLVM's tools first (on Debian: llvm)." >&2
	exit 1
}
go=${GO:-go}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for arch in amd64 arm64; do
	CGO_ENABLED=0 GOARCH=$arch $go build -tags headless -o "$dir/$arch" .
done

# loop ARCH SYMBOL puts the inner loop into $dir/loop.s and prints how many products it has.
loop() {
	llvm-objdump -d $([ "$1" = amd64 ] || echo --mattr=+dotprod) --no-show-raw-insn --disassemble-symbols="trilobyte/codec/internal/$2.abi0" "$dir/$1" |
		awk -v out="$dir/loop.s" '
			function products(t) {
				if (t ~ /^vpmaddubsw/ && t ~ /ymm/) return 32
				if (t ~ /^udot/) return 16
				if (t ~ /^(umull|smull|smlsl)/ || t ~ /^vmulps/ && t ~ /ymm/) return 8
				if (t ~ /^fmul.*\.4s/ || t ~ /^vmulpd/ && t ~ /ymm/) return 4
				return t ~ /^fmul.*\.2d/ ? 2 : 0
			}
			BEGIN { n = 0; most = 0 }
			function hex(s, i, v) { v = 0; s = tolower(s); for (i = 1; i <= length(s); i++) v = 16 * v + index("0123456789abcdef", substr(s, i, 1)) - 1; return v }
			/^ *[0-9a-f]+: / {
				at = $1; sub(":", "", at); address[n] = hex(at)
				sub(/^ *[0-9a-f]+:[ \t]*/, ""); sub(/ *<.*/, ""); text[n] = $0
				if ($0 ~ /^(b|b\.[a-z]+|j[a-z]+|cbn?z|tbn?z)[ \t]/ && match($0, /0x[0-9a-f]+$/)) goal[n] = hex(substr($0, RSTART + 2))
				n++
			}
			END {
				for (e = 0; e < n; e++) if (e in goal && goal[e] <= address[e]) {
					for (s = 0; address[s] != goal[e] && s < e; s++);
					inner = address[s] == goal[e]
					for (k = s; k < e; k++) if (k in goal && goal[k] <= address[k] && goal[k] > goal[e]) inner = 0
					sum = 0
					for (k = s; k < e; k++) sum += products(text[k])
					if (inner && sum > most) { most = sum; first = s; last = e }
				}
				printf "" > out
				for (k = first; k < last; k++) if (!(k in goal)) print text[k] > out
				print most
			}'
}

# cycles TRIPLE CPU prints the cycles for 16 of the loop's products.
cycles() {
	llvm-mca -mtriple="$1" -mcpu="$2" -iterations=100 "$dir/loop.s" 2>/dev/null |
		awk -v products="$3" '/^Total Cycles:/ { if (products) printf "%.1f", $3 / 100 * 16 / products }'
}

echo '| inner loop of | apple-m1 | neoverse-n1 | AVX2 on znver3 |'
echo '|---|---:|---:|---:|'
while read -r package name neon avx2; do
	products=$(loop arm64 "$package.$neon")
	m1=$(cycles aarch64 apple-m1 "$products")
	n1=$(cycles aarch64 neoverse-n1 "$products")
	products=$(loop amd64 "$package.$avx2")
	echo "| $(echo "$name" | tr _ ' ') | $m1 | $n1 | $(cycles x86_64 znver3 "$products") |"
done <<'KERNELS'
predictor updateBlocks updateBlocksNEON updateBlocksAVX2
predictor normalise normaliseNEON normaliseAVX2
predictor regress regressNEON regressAVX2
predictor updateAll updateAllNEON updateAllAVX2
predictor updateAllFour updateAllFourNEON updateAllFourAVX2
predictor factorise factoriseNEON factoriseAllAVX2
predictor substitute substituteNEON back4AVX2
predictor weigh weighNEON weighAVX2
predictor correlate correlateNEON correlateAVX2
predictor levinson levinsonNEON levinsonAVX2
predictor dotTone dotToneNEON dotToneAVX2
network layer,_with_dot_products layerBytesDot layerBytesRowAVX2
network first_layer,_without layerBytesDenseNEON layerBytesRowAVX2
network other_layers,_without layerBytesNEON layerBytesRowAVX2
feature signedLogs signedLogsNEON signedLogsAVX2
feature learnMisses learnMissesNEON learnMissesAVX2
feature describe describeNEON describeAVX2
entropy/mixture below belowNEON belowAVX2
KERNELS
