// Package emulator runs the kernel on a processor, where there is no GPU: the same source, compiled by the C++ compiler that is there, with
// the threads of a block as fibers of one thread, one warp after the other or in random order. It is for tests.
package emulator

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"trilobyte/codec/internal/cuda/kernel"
)

// ErrNoCompiler says that there is no C++ compiler, or none for this processor.
var ErrNoCompiler = errors.New("emulator: no C++ compiler for the kernel is here")

// Emulator runs the kernel of one model.
type Emulator struct {
	// The sizes of what the kernel takes: its tables, its shared memory, and what the small form has at the beginning of scratch.
	TableBytes, SharedBytes, KeptBytes int

	// Counts are what the last request took, of an emulator that counts.
	Counts Counts

	counts  bool
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  strings.Builder
}

// The kinds of work that are counted.
const (
	Doubles     = iota // instructions for numbers of 64 bits: those that cannot be done at once count as ten
	Floats             // of 32 bits: as eight
	Dots               // products of four bytes each
	SharedBytes        // of numbers and of what the network takes, read and written
	GlobalBytes
	kinds
)

// Counts are how much of each kind of work a request took: that of the threads, added up, and the instructions of each warp.
type Counts struct {
	All   [kinds]uint64
	Warps [32][kinds]uint64
}

// StartCounting is Start with what a request takes counted. That takes some times as long.
func StartCounting(defines []string, tables []byte) (*Emulator, error) {
	e, err := Start(append(slices.Clip(defines), "COUNTED=1"), tables)
	if err == nil {
		e.counts = true
	}
	return e, err
}

// Start compiles the kernel with some macros, unless that was done before, and starts it with its tables.
func Start(defines []string, tables []byte) (*Emulator, error) {
	program, err := compile(defines)
	if err != nil {
		return nil, err
	}
	e := &Emulator{command: exec.Command(program)}
	e.command.Stderr = &e.errors
	if e.in, err = e.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := e.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.out = bufio.NewReader(out)
	if err := e.command.Start(); err != nil {
		return nil, err
	}
	var sizes [3]uint32
	if err := binary.Read(e.out, binary.LittleEndian, &sizes); err != nil {
		return nil, e.failed(err)
	}
	e.TableBytes, e.SharedBytes, e.KeptBytes = int(sizes[0]), int(sizes[1]), int(sizes[2])
	if err := binary.Write(e.in, binary.LittleEndian, uint32(len(tables))); err != nil {
		return nil, e.failed(err)
	}
	_, err = e.in.Write(tables)
	return e, err
}

// Run returns the output of a request. With a seed that is not 0, warps go on in random order. slice is how many steps a slice has at most, of
// the small form: they are of random lengths.
func (e *Emulator) Run(r *kernel.Request, encode bool, seed uint32, slice int) ([]byte, error) {
	head := []uint32{0, seed, uint32(len(r.Input)), uint32(r.Output), uint32(r.Scratch), uint32(r.Steps), uint32(slice)}
	if encode {
		head[0] = 1
	}
	if err := binary.Write(e.in, binary.LittleEndian, head); err != nil {
		return nil, e.failed(err)
	}
	if _, err := e.in.Write(r.Input); err != nil {
		return nil, e.failed(err)
	}
	output := make([]byte, r.Output)
	if _, err := io.ReadFull(e.out, output); err != nil {
		return nil, e.failed(err)
	}
	if e.counts {
		if err := binary.Read(e.out, binary.LittleEndian, &e.Counts); err != nil {
			return nil, e.failed(err)
		}
	}
	return output, nil
}

// Close ends it.
func (e *Emulator) Close() error {
	e.in.Close()
	return e.command.Wait()
}

func (e *Emulator) failed(err error) error {
	e.in.Close()
	return fmt.Errorf("emulator: %w (%v) %s", err, e.command.Wait(), e.errors.String())
}

// compile returns the program, which stays in the directory of temporary files for the next time.
func compile(defines []string) (string, error) {
	compiler, err := exec.LookPath("g++")
	if err != nil {
		compiler, err = exec.LookPath("clang++")
	}
	if err != nil || runtime.GOARCH != "amd64" || runtime.GOOS != "linux" {
		return "", ErrNoCompiler
	}
	folder, err := here()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(folder, "../source/*.cu*"))
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	program, main := filepath.Join(folder, "program/emulator.cpp"), filepath.Join(folder, "program/main.cpp")
	for _, f := range append(files, filepath.Join(folder, "program/emulator.h"), filepath.Join(folder, "program/counted.h"), program, main) {
		text, err := os.ReadFile(f)
		if err != nil {
			return "", fmt.Errorf("emulator: %w", err)
		}
		hash.Write(text)
	}
	fmt.Fprint(hash, defines)
	executable := filepath.Join(os.TempDir(), fmt.Sprintf("trilobyte-emulator-%x", hash.Sum(nil)[:12]))
	if _, err := os.Stat(executable); err == nil {
		return executable, nil
	}
	made, err := os.CreateTemp(os.TempDir(), "trilobyte-emulator-*")
	if err != nil {
		return "", err
	}
	made.Close()
	arguments := []string{"-std=c++17", "-O1", "-ffp-contract=off", "-Wno-unknown-pragmas", "-o", made.Name()}
	for _, d := range defines {
		arguments = append(arguments, "-D"+d)
	}
	arguments = append(arguments, main, program)
	if text, err := exec.Command(compiler, arguments...).CombinedOutput(); err != nil {
		os.Remove(made.Name())
		return "", fmt.Errorf("emulator: the kernel cannot be compiled: %w\n%s", err, text)
	}
	return executable, os.Rename(made.Name(), executable)
}

// here returns this package's folder. Tests run in that of their package, below the one with go.mod.
func here() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(root, "codec/internal/cuda/kernel/emulator"), nil
		}
		parent := filepath.Dir(root)
		if parent == root {
			return "", errors.New("emulator: its source is not here")
		}
		root = parent
	}
}
