package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"trilobyte/app/cli"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/preset"
	"trilobyte/codec/backend"
)

const model = "the model of the tests"

// leakFree runs the tests, and then looks for goroutines that they have left.
type leakFree struct{ *testing.M }

func (m leakFree) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "goroutines are left:", err)
		return max(code, 1)
	}
	return code
}

func TestMain(m *testing.M) {
	testscript.Main(leakFree{m}, map[string]func(){
		"trilobyte": func() {
			os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr, only{jobtest.Codec(model)}, "trilobyte 1.2.3"))
		},
	})
}

// only is a codec that does without backends.
type only struct{ codec job.Codec }

// Codec implements cli.Codecs.
func (o only) Codec(preset.Choice, backend.Purpose, func(error)) (job.Codec, func() error, error) {
	return o.codec, func() error { return nil }, nil
}

// Survey implements cli.Codecs: there is a processor, and a GPU that does not work.
func (only) Survey(_ context.Context, rows []int) (backend.Survey, error) {
	return backend.Survey{
		GPUs: []backend.GPU{
			{Device: "cuda:0", Name: "Pretended 1", Memory: 24e9, CUDA: "12.4", Decoding: 300 * 88200, Encoding: 400 * 88200},
			{Device: "cuda:1", Name: "Pretended 2", Memory: 8e9, CUDA: "12.4", Err: errors.New("it is too old")},
		},
		Path:    "/opt/libonnxruntime.so",
		Version: "1.30.0",
		Devices: []backend.Status{
			{Backend: backend.SIMD, Device: "avx2", InUse: true, Speed: make([]float64, len(rows))},
			{Backend: backend.ONNX, Device: "cuda:0", Err: errors.New("its results are not exact")},
		},
	}, nil
}

// program is the folder of a program for another system, or "" to test what runs here, and wine says that it is for Windows.
var program, wine = os.Getenv("TRILOBYTE_PROGRAM"), os.Getenv("TRILOBYTE_WINE") != ""

// TestScripts runs testdata/script/*.txt. Beside testscript's own commands they
// have:
//
//	wav FILE RATE BITS CHANNELS FRAMES   makes a WAV file
//	float FILE FRAMES                    makes a WAV file of floating-point samples
//	adpcm FILE                           makes a WAV file that is compressed already
//	flip FILE OFFSET                     flips a bit; offsets below 0 count from the end
//	mtime FILE SECONDS                   sets the modification time
//	sametree A B                         compares folders: names, contents, modes, times
//
// With the environment variable TRILOBYTE_PROGRAM, a folder, they use the program
// trilobyte in that folder: these tests built for another system, in an emulator
// (see testdata/wine and packaging/linux/arm64.sh). TRILOBYTE_WINE, and here the
// condition [wine], says that it is Windows, in Wine. There, symbolic links are what
// they point to, and only whether a file can be written to is left of its mode.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=10") // the race detector has each program wait for a second in the end
			if program != "" {
				env.Setenv("PATH", program+string(os.PathListSeparator)+env.Getenv("PATH"))
			}
			return nil
		},
		Condition: func(condition string) (bool, error) {
			if condition != "wine" {
				return false, fmt.Errorf("there is no condition %q", condition)
			}
			return wine, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wav":      makeWAV,
			"float":    makeFloat,
			"adpcm":    makeADPCM,
			"flip":     flip,
			"mtime":    setTime,
			"sametree": sameTree,
		},
	})
}

func numbers(ts *testscript.TestScript, args []string) []int {
	var n []int
	for _, a := range args {
		v, err := strconv.Atoi(a)
		ts.Check(err)
		n = append(n, v)
	}
	return n
}

func makeWAV(ts *testscript.TestScript, neg bool, args []string) {
	n := numbers(ts, args[1:])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), jobtest.WAV(n[0], n[1], n[2], n[3], 1), 0o644))
}

func makeFloat(ts *testscript.TestScript, neg bool, args []string) {
	data := make([]byte, 4*numbers(ts, args[1:])[0])
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(jobtest.WAVHeader(3, 44100, 32, 1, len(data)), data...), 0o644))
}

func makeADPCM(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(jobtest.WAVHeader(2, 44100, 4, 1, 8), "abcdefgh"...), 0o644))
}

func flip(ts *testscript.TestScript, neg bool, args []string) {
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	offset := numbers(ts, args[1:])[0]
	if offset < 0 {
		offset += len(b)
	}
	b[offset] ^= 1
	ts.Check(os.WriteFile(name, b, 0o644))
}

func setTime(ts *testscript.TestScript, neg bool, args []string) {
	t := timeOf(int64(numbers(ts, args[1:])[0]))
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), t, t))
}

func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	a, b := tree(ts, ts.MkAbs(args[0])), tree(ts, ts.MkAbs(args[1]))
	for name, description := range a {
		if b[name] != description {
			ts.Fatalf("%s is %s in %s, but %s in %s", name, description, args[0], b[name], args[1])
		}
	}
	if len(a) != len(b) {
		ts.Fatalf("%s has %d files, %s has %d", args[0], len(a), args[1], len(b))
	}
	fmt.Fprintf(ts.Stdout(), "the same\n")
}
