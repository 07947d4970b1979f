//go:build cgo

package onnx_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/network/onnx"
	"trilobyte/codec/internal/segment"
)

// A process can load one library only, so that these tests start their own program again for each. This variable tells
// it which it is to be.
const (
	childVariable  = "ONNX_TEST_LIBRARY"
	deviceVariable = "ONNX_TEST_DEVICE"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child loads a library and prints a digest of what models compute with it, on one thread and on two.
func child(path string) error {
	library, err := onnx.Load(path)
	if err != nil {
		return err
	}
	h := sha256.New()
	for _, file := range models() {
		m, err := network.Load(file)
		if err != nil {
			return err
		}
		if name := os.Getenv(deviceVariable); name != "" {
			return open(library, m, name)
		}
		var first []byte
		for _, threads := range []int{1, 2} {
			coded, err := encode(library, m, threads)
			if err != nil {
				return err
			}
			if first == nil {
				first = coded
			}
			if !bytes.Equal(coded, first) {
				return fmt.Errorf("%d threads code to other bytes than 1", threads)
			}
		}
		h.Write(first)
	}
	fmt.Println(library.Version(), hex.EncodeToString(h.Sum(nil)))
	return nil
}

// open puts a model on a device and takes it off again.
func open(library *onnx.Library, m *network.Model, name string) error {
	device, err := onnx.ParseDevice(name)
	if err != nil {
		return err
	}
	runner, err := library.Open(m, device, onnx.Options{})
	if err != nil {
		return err
	}
	return runner.Close()
}

// models are a network as large as a trained one, one of odd sizes, and one with memory.
func models() [][]byte {
	return [][]byte{
		networktest.Random(2, feature.Count, 128, 128, mixture.Outputs),
		networktest.Random(3, feature.Count, 129, 60, mixture.Outputs),
		networktest.WithMemory(4, 64, []int{3, 5, 7, 10}, feature.Count+64, 96, 64, mixture.Outputs),
	}
}

func encode(library *onnx.Library, m *network.Model, threads int) ([]byte, error) {
	runner, err := library.Open(m, onnx.CPUDevice, onnx.Options{Threads: threads})
	if err != nil {
		return nil, err
	}
	coded, err := segment.NewOn(m, runner, runner).Encode(context.Background(), sound(), 16, nil)
	if err == nil {
		err = runner.Err()
	}
	if closed := runner.Close(); err == nil {
		err = closed
	}
	return coded, err
}

// sound is two channels of decaying tones.
func sound() [][]int32 {
	samples := [][]int32{make([]int32, 6000), make([]int32, 6000)}
	for i := range samples[0] {
		t := float64(i)
		samples[0][i] = int32(9000 * math.Sin(t*0.03) * math.Exp(-t/4000))
		samples[1][i] = int32(7000*math.Sin(t*0.031+1) + 800*math.Sin(t*t*0.0007))
	}
	return samples
}

// libraries returns the libraries that "make onnxruntime-tests" has put into build/.
func libraries(t *testing.T) []string {
	found, err := filepath.Glob("../../../build/onnxruntime*/libonnxruntime.*")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skip("there is no ONNX Runtime in build/: run make onnxruntime-tests")
	}
	return found
}

// load runs the child with a library. It fails the test if the child crashes.
func load(t *testing.T, path string, environment ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+path)
	command.Env = append(command.Env, environment...)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	err := command.Run()
	if code := command.ProcessState.ExitCode(); code != 0 && code != 1 {
		t.Fatalf("%s crashes the program: %v\n%s", path, err, errors.String())
	}
	return strings.TrimSpace(out.String()), strings.TrimSpace(errors.String()), err == nil
}

// TestVersionsAgree has several versions of ONNX Runtime code the same sound, on one thread and on two, and compares
// the bytes with those of the built-in runner.
func TestVersionsAgree(t *testing.T) {
	h := sha256.New()
	for _, file := range models() {
		m, err := network.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		coded, err := segment.New(m).Encode(context.Background(), sound(), 16, nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(coded)
	}
	want := hex.EncodeToString(h.Sum(nil))
	for _, path := range libraries(t) {
		stdout, stderr, ok := load(t, path)
		if !ok {
			t.Errorf("%s: %s", path, stderr)
			continue
		}
		version, digest, _ := strings.Cut(stdout, " ")
		if digest != want {
			t.Errorf("ONNX Runtime %s codes to other bytes than the built-in runner", version)
		}
		if stderr != "" {
			t.Errorf("ONNX Runtime %s prints %q", version, stderr)
		}
		t.Log("ONNX Runtime", version)
	}
}

// TestUnusableLibraries has libraries refused in one line, without a crash.
func TestUnusableLibraries(t *testing.T) {
	whole := libraries(t)[0]
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := bytes.Clone(content)
	flipped[len(flipped)/2] ^= 1
	damaged := write("libonnxruntime.so.1", flipped)
	sum := sha256.Sum256(content)
	list := fmt.Sprintf("%x  libonnxruntime.so.1\n", sum)
	if err := os.WriteFile(filepath.Join(filepath.Dir(damaged), "SHA256SUMS"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	foreign := bytes.Clone(content)
	const machine = 18 // offset in an ELF header
	foreign[machine] = map[byte]byte{62: 183, 183: 62}[foreign[machine]]
	cases := map[string]struct{ path, says string }{
		"empty":              {write("libonnxruntime.so", nil), "not a library"},
		"text":               {write("libonnxruntime.so", []byte("404: not found\n")), "not a library"},
		"a short part":       {write("libonnxruntime.so", content[:100]), "not a library"},
		"cut off":            {write("libonnxruntime.so", content[:len(content)-1]), "damaged"},
		"half of it":         {write("libonnxruntime.so", content[:len(content)/2]), "damaged"},
		"changed":            {damaged, "is not the file whose checksum"},
		"another processor":  {write("libonnxruntime.so", foreign), "another kind of processor"},
		"missing":            {filepath.Join(t.TempDir(), "libonnxruntime.so"), "no such file"},
		"a folder":           {t.TempDir(), "not a library"},
		"some other library": {otherLibrary(t), "some other library"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, stderr, ok := load(t, c.path)
			if ok || !strings.Contains(stderr, c.says) || strings.Contains(stderr, "\n") {
				t.Errorf("loaded: %v, it says %q", ok, stderr)
			}
		})
	}
}

// TestMissingProviders asks a library for devices that it does not have, or whose provider is missing or damaged.
func TestMissingProviders(t *testing.T) {
	whole := libraries(t)[0]
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	library := filepath.Join(folder, "libonnxruntime.so.1")
	provider := filepath.Join(folder, "libonnxruntime_providers_cuda.so")
	if err := os.WriteFile(library, content, 0o755); err != nil {
		t.Fatal(err)
	}
	ask := func(device, says string) {
		t.Helper()
		_, stderr, ok := load(t, library, deviceVariable+"="+device)
		if ok || !strings.Contains(stderr, "ONNX Runtime on "+device+": ") || !strings.Contains(stderr, says) || strings.Contains(stderr, "\n") {
			t.Errorf("%s: opened: %v, it says %q", device, ok, stderr)
		}
	}
	ask("cuda:0", "libonnxruntime_providers_cuda.so is not beside")
	ask("directml:0", "not supported")
	ask("coreml", "not support")
	for _, damaged := range [][]byte{nil, content[:len(content)/2]} {
		if err := os.WriteFile(provider, damaged, 0o755); err != nil {
			t.Fatal(err)
		}
		ask("cuda:0", "damaged")
	}
	// A sound library, but the other one that belongs to the provider is missing.
	if err := os.WriteFile(provider, content, 0o755); err != nil {
		t.Fatal(err)
	}
	ask("cuda:0", "libonnxruntime_providers_shared.so")
}

// otherLibrary returns a sound library that is not ONNX Runtime.
func otherLibrary(t *testing.T) string {
	for _, pattern := range []string{"/lib/*-linux-gnu/libm.so.6", "/lib64/libm.so.6"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	t.Skip("this system keeps its libraries elsewhere")
	return ""
}
