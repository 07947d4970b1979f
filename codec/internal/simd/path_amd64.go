package simd

import (
	"strings"

	"golang.org/x/sys/cpu"
)

// preferred lists the paths from the fastest to plain Go.
var preferred = []Path{AVX512, AVX2, Go}

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

// lacking returns the instructions of a path that this machine lacks, or "".
func lacking(p Path) string {
	var names []string
	for _, f := range needs(p) {
		if !f.present {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ", ")
}
