// Command asm writes the assembly of the codec's packages: one file for each package and each set of vector instructions, with its Go
// declarations. It is a module of its own, so that the program does not depend on the generator.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

// kernels are the generators of a package's kernels.
var kernels = map[string]func(w width){
	"predictor": predictorKernels,
	"feature": func(w width) {
		signedLogs(w)
		learnMisses(w)
		describe(w)
	},
	"flac": flacKernels,
	"network": func(w width) {
		updateAverages(w)
		if w.bits == 512 {
			layerVNNI()
		} else {
			layerAVX2()
		}
	},
	"mixture": func(w width) {
		below(w)
		setMixture(w)
	},
	"fourier": func(w width) {
		forwardTwice(w)
		inverseTwice(w)
	},
	"symbol": func(w width) {
		decodeTree(w)
		encodeTree(w)
		decodeSymbols(w)
	},
}

func main() {
	path := flag.String("path", "", "avx2 or avx512")
	pkg := flag.String("for", "", "the package whose kernels are written")
	flag.Parse() // also reads avo's own flags, -out, -stubs and -pkg
	width, ok := widths[*path]
	if !ok {
		log.Fatalf("asm: -path %q: want avx2 or avx512", *path)
	}
	write := kernels[*pkg]
	if write == nil {
		log.Fatalf("asm: -for %q: want the name of a package with kernels", *pkg)
	}
	ConstraintExpr("amd64")
	write(width)
	Generate()
}

func predictorKernels(w width) {
	updateBlocks(w)
	finishBlocks(w)
	normalise(w)
	takeInput(w)
	regress(w)
	updateAll(w)
	updateAllFour(w)
	weigh(w)
	correlate(w)
	levinson(w)
	dotTone(w)
	if w.bits == 512 {
		correct()
		learnCorrections(w)
		mix(w)
		solveEight()
		factorisePair()
		for _, systems := range []int{1, 2, 4, 6} {
			backAVX512(systems)
		}
	} else {
		learnCorrectionsAVX2(w)
		mix(w)
		factoriseAllAVX2()
		back4AVX2()
	}
}
