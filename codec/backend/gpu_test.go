package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"trilobyte/codec"
	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/cudatest"
)

const (
	short = 1 << 20  // bytes of a job for which no GPU pays
	four  = 4        // segments that a multiprocessor codes at a time with the preset fast
	long  = 10 << 30 // of one for which GPUs do
)

// TestBegin has jobs begin with GPUs that are there or not.
func TestBegin(t *testing.T) {
	defer goleak.VerifyNone(t)
	none := func() (cuda.Driver, error) { return nil, fmt.Errorf("%w: no such file", cuda.ErrNoDriver) }
	some := func(change func(*cudatest.Driver)) func() (cuda.Driver, error) {
		return func() (cuda.Driver, error) {
			d := cudatest.New(2, 40, 1<<30, func(string, []byte, []byte, []byte) {})
			change(d)
			return d, nil
		}
	}
	as := func(*cudatest.Driver) {}
	cases := map[string]struct {
		choice Choice
		bytes  int64
		load   func() (cuda.Driver, error)
		looks  bool   // for a driver
		gpus   int    // that take part
		warns  string // "" if it does not, but for the known answers, which these GPUs do not know
	}{
		"a short job":                   {Choice{}, short, some(as), false, 0, ""},
		"a long one":                    {Choice{}, long, some(as), true, 2, ""},
		"a long one, auto":              {Choice{Backend: Auto}, long, some(as), true, 2, ""},
		"without a driver":              {Choice{}, long, none, true, 0, ""},
		"with the processor":            {Choice{Backend: SIMD}, long, some(as), false, 0, ""},
		"with ONNX Runtime":             {Choice{Backend: ONNX, Device: "cuda:0"}, long, some(as), false, 0, "ONNX Runtime"},
		"with GPUs":                     {Choice{Backend: CUDA}, short, some(as), true, 2, ""},
		"with one of them":              {Choice{Backend: CUDA, Device: "cuda:1"}, short, some(as), true, 1, ""},
		"with two":                      {Choice{Device: "cuda:0,cuda:1"}, short, some(as), true, 2, ""},
		"with GPUs, without a driver":   {Choice{Backend: CUDA}, short, none, true, 0, "no NVIDIA driver"},
		"with one that is not there":    {Choice{Device: "cuda:2"}, short, some(as), true, 0, "there is no cuda:2"},
		"a driver without GPUs":         {Choice{Backend: CUDA}, short, some(func(d *cudatest.Driver) { d.Cards = nil }), true, 0, "no GPU"},
		"an old driver":                 {Choice{Backend: CUDA}, short, some(func(d *cudatest.Driver) { d.CUDA = 11040 }), true, 0, "CUDA 11.4"},
		"an old driver, a long job":     {Choice{}, long, some(func(d *cudatest.Driver) { d.CUDA = 11040 }), true, 0, ""},
		"one of two is too old":         {Choice{}, long, some(func(d *cudatest.Driver) { d.Cards[0].Is.Major = 7 }), true, 1, ""},
		"the chosen one is too old":     {Choice{Device: "cuda:0"}, long, some(func(d *cudatest.Driver) { d.Cards[0].Is.Major = 7 }), true, 0, "too old"},
		"the chosen one draws a screen": {Choice{Device: "cuda:0"}, long, some(func(d *cudatest.Driver) { d.Cards[0].Is.Limited = true }), true, 1, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && c.gpus > 0 && c.choice.Device != "cuda:1" {
				t.Skip("the known answers take a second with the race detector")
			}
			var mu sync.Mutex
			var warnings []string
			b := New(c.choice, Decoding, func(err error) {
				mu.Lock()
				defer mu.Unlock()
				warnings = append(warnings, err.Error())
			})
			looked := false
			b.gpus.load = func() (cuda.Driver, error) {
				looked = true
				return c.load()
			}
			file, err := codec.Preset("fast")
			if err != nil {
				t.Fatal(err)
			}
			m, err := codec.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			b.Coder(m)
			crew := b.Begin(c.bytes, 4)
			if looked != c.looks {
				t.Errorf("it looks for a driver: %v", looked)
			}
			if size := crew.Size(); c.gpus == 0 && size != 4 || c.gpus > 0 && size < 4+c.gpus*four*40 {
				t.Errorf("the crew has %d", size)
			}
			crew.Last()
			crew.End()
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			warnings = slices.DeleteFunc(warnings, func(w string) bool { return strings.Contains(w, "does not compute what it should") })
			if c.warns == "" && len(warnings) > 0 || c.warns != "" && (len(warnings) != 1 || !strings.Contains(warnings[0], c.warns) ||
				!strings.HasSuffix(warnings[0], " takes over")) {
				t.Errorf("it warns %q", warnings)
			}
		})
	}
}

// TestUnknownAnswers has jobs go on without GPUs that compute what is wrong, and several jobs share them.
func TestUnknownAnswers(t *testing.T) {
	defer goleak.VerifyNone(t)
	warnings := make(chan error, 10)
	b := New(Choice{Backend: CUDA}, Decoding, func(err error) { warnings <- err })
	b.gpus.load = func() (cuda.Driver, error) {
		return cudatest.New(1, 10, 1<<30, func(string, []byte, []byte, []byte) {}), nil
	}
	file, err := codec.Preset("fast")
	if err != nil {
		t.Fatal(err)
	}
	m, err := codec.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	c := b.Coder(m)
	first, second := b.Begin(short, 2), b.Begin(short, 2)
	if err := <-warnings; !strings.Contains(err.Error(), "does not compute what it should") {
		t.Errorf("it warns %v", err)
	}
	first.End()
	data, err := c.Encode(context.Background(), [][]int32{{1, 2, 3, -4}}, 16, nil)
	if err == nil {
		_, err = c.Decode(context.Background(), data, 1, 4, 16, nil)
	}
	if gpus, _ := b.Using(); err != nil || gpus != 0 {
		t.Errorf("with %d GPUs, %v", gpus, err)
	}
	second.End()
	if len(warnings) > 0 {
		t.Errorf("it warns again: %v", <-warnings)
	}
}

func TestLookAtGPUs(t *testing.T) {
	file, err := codec.Preset("fast")
	if err != nil {
		t.Fatal(err)
	}
	m, err := codec.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	driver := cudatest.New(2, 10, 1<<30, func(string, []byte, []byte, []byte) {})
	driver.Cards[1].Is.Major = 7
	list, err := lookAtGPUs(context.Background(), m.Network(), func() (cuda.Driver, error) { return driver, nil })
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for i, why := range []string{"does not compute what it should", "is too old"} {
		if g := list[i]; g.Device != fmt.Sprintf("cuda:%d", i) || g.Name == "" || g.CUDA != "12.0" || g.Err == nil || !strings.Contains(g.Err.Error(), why) {
			t.Errorf("GPU %d: %+v", i, g)
		}
	}
	if _, err := lookAtGPUs(context.Background(), m.Network(), cuda.Load); err != nil && !errors.Is(err, ErrNoDriver) {
		t.Error(err)
	}
}
