// Command asm writes the assembly of package kernel: one file for each set of vector instructions, with its Go
// declarations. It is a module of its own, so that the program does not depend on the generator.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	path := flag.String("path", "", "avx2 or avx512")
	pkg := flag.String("for", "kernel", "the package whose kernels are written: kernel or token")
	flag.Parse() // also reads avo's own flags, -out, -stubs and -pkg
	width, ok := widths[*path]
	if !ok {
		log.Fatalf("asm: -path %q: want avx2 or avx512", *path)
	}
	ConstraintExpr("amd64")
	if *pkg == "token" {
		for _, corrected := range []bool{true, false} {
			decodeTree(width, corrected)
			encodeTree(width, corrected)
		}
		decodeWhole(width, byteSymbols)
		decodeWhole(width, pairSymbols)
		Generate()
		return
	}
	updateFilters(width)
	updateBlocks(width)
	finishBlocks(width)
	normalise(width)
	takeInput(width)
	regress(width)
	updateAll(width)
	updateAllFour(width)
	below(width)
	setMixture(width)
	signedLogs(width)
	learnMisses(width)
	describe(width)
	updateAverages(width)
	weigh(width)
	if width.bits == 512 {
		correct()
		learnCorrections(width)
		mix(width)
		solveEight()
		factoriseAVX512()
		for _, systems := range []int{1, 2, 4, 6} {
			backAVX512(systems)
		}
		layerVNNI()
	} else {
		factoriseAVX2()
		substituteAVX2()
		layerAVX2()
	}
	Generate()
}
