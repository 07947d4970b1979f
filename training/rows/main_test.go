package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/codec"
	"trilobyte/training/sound"
)

// written is what a run of the command left.
type written struct {
	features  [][]byte // of each sequence
	sequences []string // names
	targets   int      // bytes
}

// rowsOfDemo runs the command on a folder with a copy of a recording.
func rowsOfDemo(t *testing.T, take taker) (written, *sound.Sound) {
	data, out := t.TempDir(), t.TempDir()
	file, err := os.ReadFile("../../testdata/demo/birds/song.wav")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, "bird song.wav")
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../presets/fast.json")
	if err != nil {
		t.Fatal(err)
	}
	if take.description, err = codec.ParseDescription(text); err != nil {
		t.Fatal(err)
	}
	if err := take.run(out, data); err != nil {
		t.Fatal(err)
	}
	s, err := sound.Read(path, take.samples)
	if err != nil {
		t.Fatal(err)
	}
	return readBack(t, out), s
}

func readBack(t *testing.T, folder string) written {
	var w written
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	features := read("features.u8")
	w.targets = len(read("targets.f32"))
	lines := bufio.NewScanner(bytes.NewReader(read("sequences.txt")))
	for lines.Scan() {
		var rows int
		var part byte
		if _, err := fmt.Sscanf(lines.Text(), "%d %d", &rows, &part); err != nil {
			t.Fatal(err)
		}
		w.sequences = append(w.sequences, strings.SplitN(lines.Text(), " ", 3)[2])
		w.features = append(w.features, features[:rows*codec.Features])
		features = features[rows*codec.Features:]
	}
	if len(features) > 0 {
		t.Errorf("%d bytes of features belong to no sequence", len(features))
	}
	return w
}

func TestSpansAreRunsOfTheWholeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("TestEstimate starts the same goroutines")
	}
	const all, span = 1 << 40, 512
	whole, s := rowsOfDemo(t, taker{samples: all, span: 1, whole: true})
	samples := len(s.Samples[0])
	if len(whole.sequences) != 1 || whole.sequences[0] != "bird song.wav" {
		t.Fatalf("the channels are %q", whole.sequences)
	}
	if rows := len(whole.features[0]) / codec.Features; rows != samples {
		t.Errorf("%d rows of %d samples", rows, samples)
	}
	if rows := whole.targets / 4 / (2 + codec.Disagreements); rows != samples {
		t.Errorf("%d targets of %d samples", rows, samples)
	}

	spans, _ := rowsOfDemo(t, taker{samples: all, rows: samples / 2, span: span})
	found := 0
	for _, got := range spans.features {
		if len(got) < span*codec.Features {
			t.Fatalf("a span has %d rows", len(got)/codec.Features)
		}
		// Of variants and beginnings there are rows too, which are not in the whole file.
		if at := bytes.Index(whole.features[0], got); at >= 0 && at%(span*codec.Features) == 0 {
			found++
		}
	}
	if least := samples / span / 4; found < least {
		t.Errorf("%d spans of the recording itself, at least %d should be", found, least)
	}
}

func TestSingleRowsAreChosenOfTheWholeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("TestEstimate starts the same goroutines")
	}
	const all = 1 << 40
	whole, s := rowsOfDemo(t, taker{samples: all, span: 1, whole: true})
	samples := len(s.Samples[0])
	single, _ := rowsOfDemo(t, taker{samples: all, rows: samples / 2, span: 1})
	kept := single.features[0] // of the recording itself; variants come after it
	if rows := len(kept) / codec.Features; rows < samples/3 || rows > samples*2/3 {
		t.Errorf("%d rows of %d samples, about half of them should be", rows, samples)
	}
	left := whole.features[0]
	for len(kept) > 0 && len(left) > 0 {
		if bytes.Equal(kept[:codec.Features], left[:codec.Features]) {
			kept = kept[codec.Features:]
		}
		left = left[codec.Features:]
	}
	if len(kept) > 0 {
		t.Errorf("%d of the rows are not in the whole file in their order", len(kept)/codec.Features)
	}
}

// The estimate is about what a run gives.
func TestEstimate(t *testing.T) {
	data := t.TempDir()
	if err := os.CopyFS(data, os.DirFS("../../testdata/demo")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../presets/fast.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := codec.ParseDescription(text)
	if err != nil {
		t.Fatal(err)
	}
	take := taker{description: d, samples: 20_000, rows: 4000, span: 512}
	if testing.Short() {
		take.samples, take.rows = 5000, 1000
	}
	e, err := take.estimate(data)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := take.run(out, data); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, s := range readBack(t, out).features {
		rows += len(s) / codec.Features
	}
	if e.Files < 2 || e.Rows != rows || e.Seconds <= 0 { // few files are all gone through
		t.Errorf("the estimate is %+v, the run gave %d rows", e, rows)
	}
}
