package job_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"
)

func TestFileNamesOfExports(t *testing.T) {
	for _, test := range []struct{ name, flac, wav string }{
		{"Album/01.wav", "Album/01.flac", "Album/01.wav"},
		{"Album/02.WAV", "Album/02.flac", "Album/02.WAV"},
		{"Album.wav/take 1.2", "Album.wav/take 1.2.flac", "Album.wav/take 1.2.wav"},
		{"tape.bwf", "tape.bwf.flac", "tape.bwf.wav"},
		{".wav", ".flac", ".wav"},
	} {
		if got := job.FLAC.FileName(test.name); got != test.flac {
			t.Errorf("FLAC: %s becomes %s, want %s", test.name, got, test.flac)
		}
		if got := job.ExportFormat("").FileName(test.name); got != test.flac {
			t.Errorf("no format: %s becomes %s, want %s", test.name, got, test.flac)
		}
		if got := job.WAV.FileName(test.name); got != test.wav {
			t.Errorf("WAV: %s becomes %s, want %s", test.name, got, test.wav)
		}
	}
}

func TestExportRefusesOtherFormats(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	_, err := engine().Export(context.Background(), job.ExportOptions{Archive: "none", Dir: dir, Format: "mp3"})
	if err == nil || !strings.Contains(err.Error(), "MP3") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}

// odd returns a folder with all the odd files that programs are known to leave
// behind, and these by their names in an archive.
func odd(t *testing.T) (dir string, cases map[string]wavtest.Case) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "Odd")
	cases = map[string]wavtest.Case{}
	for _, c := range wavtest.Cases() {
		cases["Odd/"+c.Name+".wav"] = c
		writeFile(t, filepath.Join(dir, c.Name+".wav"), c.Bytes)
	}
	return dir, cases
}

func TestExportMakesCleanWAVFiles(t *testing.T) {
	dir, cases := odd(t)
	out, failures, summary := export(t, engine(), compress(t, engine(), dir), job.WAV)
	for name, c := range cases {
		if c.PCM {
			continue
		}
		if !strings.Contains(failures[name], "it has no integer samples, or is damaged") {
			t.Errorf("%s: reported %q", name, failures[name])
		}
		delete(failures, name)
		delete(cases, name)
	}
	if len(failures) > 0 || len(summary.Files) != len(cases) {
		t.Errorf("failed %v, exported %d of %d", failures, len(summary.Files), len(cases))
	}
	for _, f := range summary.Files {
		path := filepath.Join(out, filepath.FromSlash(f.Name))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		checkCleanWAV(t, f.Name, cases[f.Name].Bytes, b)
		if there, err := os.Stat(path); err != nil || !there.ModTime().Equal(f.ModTime()) || there.Mode() != 0o640 {
			t.Errorf("%s: %v, error %v", path, there, err)
		}
	}
	noTemporaries(t, out)
}

// checkCleanWAV compares what was exported with the original.
func checkCleanWAV(t *testing.T, name string, original, exported []byte) {
	t.Helper()
	format, want := readWAV(t, original)
	got, samples := readWAV(t, exported)
	if got != format || !equalSamples(samples, want) {
		t.Errorf("%s: has other samples (%+v, was %+v)", name, got, format)
	}
	others, rate, err := wavtest.Oracle(exported)
	if len(others) == 1 && len(want[0])*format.FrameBytes()%2 == 1 {
		others[0] = others[0][:len(others[0])-1] // the padding
	}
	if err != nil || rate != format.SampleRate || !equalSamples(others, want) {
		t.Errorf("%s: go-audio/wav reads other samples, error %v", name, err)
	}
	var chunks []string
	for id := range format.Chunks(parts(t, exported)) {
		if id != "data" { // which is among them if it is empty
			chunks = append(chunks, id)
		}
	}
	if !slices.Equal(chunks, []string{"fmt "}) && !slices.Equal(chunks, []string{"fmt ", "LIST"}) {
		t.Errorf("%s: has the chunks %q", name, chunks)
	}
	texts := slices.DeleteFunc(format.Tags(parts(t, original)), func(tag wav.Tag) bool {
		return strings.HasPrefix(tag.Name, "bext.")
	})
	if tags := format.Tags(parts(t, exported)); !slices.Equal(tags, texts) {
		t.Errorf("%s: has the texts %q, want %q", name, tags, texts)
	}
}

// parts returns the head and the tail of a WAV file.
func parts(t *testing.T, b []byte) (head, tail []byte) {
	t.Helper()
	f, err := wav.Parse(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return b[:f.DataOffset], b[f.TailOffset():]
}

func TestExportToWAVLeavesTheOriginal(t *testing.T) {
	dir := album(t)
	archive := compress(t, engine(), dir)
	var failures []string
	e := engine()
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failures = append(failures, f.Name+": "+f.Err.Error())
		}
	}
	before := contents(t, dir)
	o := job.ExportOptions{Archive: archive, Dir: filepath.Dir(dir), Format: job.WAV, Names: []string{"Album/06 tail.wav"}}
	summary, err := e.Export(context.Background(), o)
	const exists = "it exists already and was left as it is"
	if err != nil || len(summary.Files) > 0 || len(failures) != 1 || !strings.Contains(failures[0], exists) {
		t.Errorf("exported %v, reported %q, error %v", summary.Files, failures, err)
	}
	after := contents(t, dir)
	for name, was := range before {
		if after[name] != was {
			t.Errorf("%s was changed", name)
		}
	}
}
