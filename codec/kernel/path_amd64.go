package kernel

import (
	"strings"

	"golang.org/x/sys/cpu"
)

//go:generate go run -C asm . -path avx2 -pkg kernel -out ../avx2_amd64.s -stubs ../avx2_amd64.go
//go:generate go run -C asm . -path avx512 -pkg kernel -out ../avx512_amd64.s -stubs ../avx512_amd64.go

// feature is a set of instructions that a path needs.
type feature struct {
	name    string
	present bool
}

func needs(p Path) []feature {
	switch p {
	case AVX2:
		return []feature{{"AVX2", cpu.X86.HasAVX2}, {"BMI2", cpu.X86.HasBMI2}}
	case AVX512:
		return []feature{
			{"AVX-512F", cpu.X86.HasAVX512F}, {"AVX-512BW", cpu.X86.HasAVX512BW}, {"AVX-512DQ", cpu.X86.HasAVX512DQ},
			{"AVX-512VL", cpu.X86.HasAVX512VL}, {"AVX-512VNNI", cpu.X86.HasAVX512VNNI}, {"BMI2", cpu.X86.HasBMI2},
		}
	}
	return nil
}

// machineKernels returns the kernels of a path, or what this machine lacks for it.
func machineKernels(p Path) (v vectors, missing string) {
	var lacking []string
	for _, f := range needs(p) {
		if !f.present {
			lacking = append(lacking, f.name)
		}
	}
	if lacking != nil {
		return v, strings.Join(lacking, ", ")
	}
	switch p {
	case AVX2:
		v = vectors{
			updateFilters:  updateFiltersAVX2,
			updateBlocks:   updateBlocksAVX2,
			finishBlocks:   finishBlocksAVX2,
			normalise:      normaliseAVX2,
			takeInput:      takeInputAVX2,
			regress:        regressAVX2,
			updateAll:      updateAllAVX2,
			updateAllFour:  updateAllFourAVX2,
			factorise:      [len(factoriseGroups)]func(*uintptr, int, int) bool{factoriseAVX2},
			substitute:     [len(substituteGroups)]func(*uintptr, int, int){substituteAVX2},
			below:          belowAVX2,
			setMixture:     setMixtureAVX2,
			signedLogs:     signedLogsAVX2,
			learnMisses:    learnMissesAVX2,
			describe:       describeAVX2,
			updateAverages: updateAveragesAVX2,
			weigh:          weighAVX2,
			logLanes:       4,
			packLayer:      packWords,
		}
	case AVX512:
		v = vectors{
			updateFilters:    updateFiltersAVX512,
			updateBlocks:     updateBlocksAVX512,
			finishBlocks:     finishBlocksAVX512,
			normalise:        normaliseAVX512,
			takeInput:        takeInputAVX512,
			correct:          correctAVX512,
			learnCorrections: learnCorrectionsAVX512,
			mix:              mixAVX512,
			regress:          regressAVX512,
			updateAll:        updateAllAVX512,
			updateAllFour:    updateAllFourAVX512,
			factorise:        [len(factoriseGroups)]func(*uintptr, int, int) bool{factorise1AVX512, factorise2AVX512, factorise4AVX512},
			substitute:       [len(substituteGroups)]func(*uintptr, int, int){back1AVX512, back2AVX512, back4AVX512, back6AVX512},
			solveEight:       solveEightAVX512,
			below:            belowAVX512,
			setMixture:       setMixtureAVX512,
			signedLogs:       signedLogsAVX512,
			learnMisses:      learnMissesAVX512,
			describe:         describeAVX512,
			updateAverages:   updateAveragesAVX512,
			weigh:            weighAVX512,
			logLanes:         8,
			packLayer:        packBytes,
		}
	}
	return v, ""
}
