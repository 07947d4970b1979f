package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Path is a set of processor instructions that the kernels are written for. All paths give the same bits.
type Path string

// The paths. A machine has Go and those of the others that its processor, its operating system and its architecture
// support.
const (
	Go     Path = "go"     // plain Go, the definition of every kernel
	AVX2   Path = "avx2"   // AVX2 and BMI2: 256-bit vectors
	AVX512 Path = "avx512" // AVX-512 F, BW, DQ, VL and VNNI: 512-bit vectors
)

// Variable is the environment variable that forces a path.
const Variable = "TRILOBYTE_CPU"

// vectors are the assembly kernels of a path; those of plain Go are all nil. A path may lack those for
// several systems.
type vectors struct {
	updateFilters    func(filters *byte, n, at int)
	updateBlocks     func(filters *byte, lanes, steps *float32, n, at int)
	finishBlocks     func(lanes, steps, newest *float32)
	normalise        func(normalisers *byte, decay *float32, n int)
	takeInput        func(normalisers *byte, decay *float32, n int, input float32)
	correct          func(lanes *byte, outputs *float32, predictions, to *float64)
	learnCorrections func(lanes, normalisers *byte, outputs, others, decay *float32, predictions, to *float64, sample float64)
	mix              func(lanes, mixers *byte, predictions, filtered, newest *float64, count int)
	regress          func(regressions *byte, own, other *float64, count int)
	updateAll        func(updates *byte, x *float64, n, row, count int)
	updateAllFour    func(updates *byte, x *float64, n, length, count int)
	factorise        [len(factoriseGroups)]func(systems *uintptr, n, stride int) bool // and the forward substitution, maybe
	substitute       [len(substituteGroups)]func(systems *uintptr, n, stride int)     // what is left of it
	solveEight       func(systems *uintptr, work *float64)                            // of eightUnknowns
	below            func(mixture, table, x, mass *float64, n int)
	setMixture       func(mixture *float64, outputs *int32, disagreement *float32, base, scale float64)
	signedLogs       func(x *float64, to *uint8, n int, scale float64)
	learnMisses      func(seen, miss, share *float64, n, all int, sample, base, low, high float64)
	describe         func(seen, miss *float64, differences *float32, levels *uint8, logs *int32, n int, base, scale, limit float64)
	updateAverages   func(state, rates *int32, units, to *uint8, n int)
	weigh            func(errs, means, weights *float64, n int, surprise float64)
	logLanes         int // n of signedLogs is a multiple of it
	packLayer        func(*Layer) packedLayer
}

// The path in use and its kernels; what is known of each path. Set when the program starts.
var (
	inUse      = Go
	active     vectors
	survey     []Status
	startError error
)

// Status is what is known of a path.
type Status struct {
	Path  Path
	InUse bool
	// Err says why the path cannot be used: the machine does not have it, or its kernels failed their known-answer
	// test.
	Err error
}

// preferred lists the paths from the fastest to plain Go.
var preferred = [...]Path{AVX512, AVX2, Go}

func init() {
	for _, p := range preferred {
		survey = append(survey, Status{Path: p, Err: test(p)})
	}
	startError = choose(os.Getenv(Variable))
}

// choose puts the path that the user asked for, or the fastest that can be used, into use.
func choose(forced string) error {
	active, inUse = vectors{}, Go
	if forced != "" {
		return Use(Path(strings.ToLower(forced)))
	}
	if usable := Paths(); len(usable) > 0 {
		return Use(usable[0])
	}
	return Use(Go)
}

// test returns why a path cannot be used. It leaves its kernels active.
func test(p Path) error {
	v, missing := machineKernels(p)
	if missing != "" {
		return fmt.Errorf("this processor lacks %s", missing)
	}
	active = v
	return knownAnswer()
}

// Refuse marks a path as one that cannot be used after all, and leaves it if it is in use. A package that has kernels of
// its own calls it when the program starts, if they fail their test on that path.
func Refuse(p Path, err error) {
	for i := range survey {
		if survey[i].Path == p {
			survey[i].Err = err
		}
	}
	if inUse == p {
		startError = choose(os.Getenv(Variable))
	}
}

// Check returns an error if the path that the environment variable TRILOBYTE_CPU asks for cannot be used, or if not even
// plain Go passes its test. A program looks at it when it starts and gives up; kernels that are called nevertheless run in plain Go.
func Check() error { return startError }

// InUse returns the path in use.
func InUse() Path { return inUse }

// Paths returns the paths that this machine can use, the fastest first.
func Paths() []Path {
	var paths []Path
	for _, s := range survey {
		if s.Err == nil {
			paths = append(paths, s.Path)
		}
	}
	return paths
}

// Survey returns the status of all paths, the fastest first.
func Survey() []Status {
	all := slices.Clone(survey)
	for i := range all {
		all[i].InUse = all[i].Path == inUse
	}
	return all
}

// Use changes the path. It must not be called while kernels run; a Layer stays on the path on which it was made. The
// error says what is wrong with the path or its name.
func Use(p Path) error {
	for _, s := range survey {
		if s.Path != p {
			continue
		}
		if s.Err != nil {
			return fmt.Errorf("%s=%s is impossible: %w; unset it to use the fastest path there is", Variable, p, s.Err)
		}
		active, _ = machineKernels(p)
		inUse = p
		return nil
	}
	return fmt.Errorf("%s=%s is unknown; set it to go, avx2 or avx512, or unset it", Variable, p)
}
