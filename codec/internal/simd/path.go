// Package simd chooses the processor's vector instructions that the inner loops of the codec run with. A Path is a set of
// instructions that they are written for, in assembly (generated: see the folders asm and neon); the definition of each is plain Go. The fastest path that
// the machine has, and whose kernels pass a test with known answers, is put into use when the program starts; the environment variable
// TRILOBYTE_CPU forces another one.
package simd

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Path is a set of processor instructions that the kernels are written for. All paths give the same bits.
type Path string

// The paths. A machine has Go and those of the others of its architecture that its processor and its operating system
// support.
const (
	Go      Path = "go"       // plain Go, the definition of every kernel
	AVX2    Path = "avx2"     // x86-64: AVX2 and BMI2, 256-bit vectors
	AVX512  Path = "avx512"   // x86-64: AVX-512 F, BW, DQ, VL and VNNI, 512-bit vectors
	NEON    Path = "neon"     // ARM64: 128-bit vectors
	NEONDot Path = "neon-dot" // ARM64: the same, with dot products of bytes (FEAT_DotProd)
)

// Variable is the environment variable that forces a path.
const Variable = "TRILOBYTE_CPU"

// The path in use; what is known of each path; the packages with kernels. Set when the program starts.
var (
	inUse      = Go
	survey     []Status
	startError error
	users      []func(Path)
)

// Status is what is known of a path.
type Status struct {
	Path  Path
	InUse bool
	// Err says why the path cannot be used: the machine does not have it, or its kernels failed their known-answer
	// test.
	Err error
}

func init() {
	for _, p := range preferred {
		s := Status{Path: p}
		if missing := lacking(p); missing != "" {
			s.Err = fmt.Errorf("this processor lacks %s", missing)
		}
		survey = append(survey, s)
	}
	startError = choose(os.Getenv(Variable))
}

// Register tells of a package's kernels, when the program starts: use puts those of a path into use, knownAnswer returns an error if
// they do not compute what they should. A path on which they do not is refused to the whole program.
func Register(use func(Path), knownAnswer func() error) {
	for i := range survey {
		if s := &survey[i]; s.Err == nil {
			use(s.Path)
			s.Err = knownAnswer()
		}
	}
	users = append(users, use)
	startError = choose(os.Getenv(Variable))
}

// choose puts the path that the user asked for, or the fastest that can be used, into use.
func choose(forced string) error {
	put(Go)
	if forced != "" {
		return Use(Path(strings.ToLower(forced)))
	}
	if usable := Paths(); len(usable) > 0 {
		return Use(usable[0])
	}
	return Use(Go)
}

// put puts a path into use in all packages.
func put(p Path) {
	inUse = p
	for _, use := range users {
		use(p)
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

// Use changes the path. It must not be called while kernels run. The error says what is wrong with the path or its name.
func Use(p Path) error {
	for _, s := range survey {
		if s.Path != p {
			continue
		}
		if s.Err != nil {
			return fmt.Errorf("%s=%s is impossible: %w; unset it to use the fastest path there is", Variable, p, s.Err)
		}
		put(p)
		return nil
	}
	var names []string
	for _, s := range survey {
		names = append(names, string(s.Path))
	}
	return fmt.Errorf("%s=%s is unknown here; set it to one of %s, or unset it", Variable, p, strings.Join(names, ", "))
}

// The lanes in which kernels sum.
const (
	Lanes32 = 16 // of float32
	Lanes64 = 8  // of float64
)

// RoundUp returns the least multiple of group that is not below n.
func RoundUp(n, group int) int { return (n + group - 1) / group * group }

// Fold8 adds 8 lanes up in a fixed order.
func Fold8(s *[Lanes64]float64) float64 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}
