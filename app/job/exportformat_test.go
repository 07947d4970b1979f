package job_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

func TestFileNamesOfExports(t *testing.T) {
	float := archive.File{Samples: "float", Bits: 32, Channels: 2, SampleRate: 44100}
	whole := archive.File{Samples: "int", Bits: 24, Channels: 2, SampleRate: 44100}
	for _, test := range []struct{ name, flac, wav string }{
		{"Album/01.wav", "Album/01.flac", "Album/01.wav"},
		{"Album/02.WAV", "Album/02.flac", "Album/02.WAV"},
		{"Album/03.aiff", "Album/03.flac", "Album/03.wav"},
		{"Album.wav/take 1.2", "Album.wav/take 1.2.flac", "Album.wav/take 1.2.wav"},
		{"tape.bwf", "tape.flac", "tape.wav"},
		{".wav", ".flac", ".wav"},
	} {
		float.Name, whole.Name = test.name, test.name
		for format, want := range map[job.ExportFormat][2]string{
			job.FLAC: {test.flac, test.flac}, job.WAV: {test.wav, test.wav}, job.FLACOrWAV: {test.flac, test.wav},
		} {
			if got := format.FileName(whole); got != want[0] {
				t.Errorf("%s: %s becomes %s, want %s", format.Name(), test.name, got, want[0])
			}
			if got := format.FileName(float); got != want[1] {
				t.Errorf("%s: %s of floats becomes %s, want %s", format.Name(), test.name, got, want[1])
			}
		}
	}
	if got := job.FLACOrWAV.FileName(archive.File{Name: "lost.wav"}); got != "lost.flac" {
		t.Errorf("without a manifest, lost.wav becomes %s", got)
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
func odd(t *testing.T) (dir string, cases map[string]recordingtest.Case) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "Odd")
	cases = map[string]recordingtest.Case{}
	for i, c := range recordingtest.Cases() {
		if testing.Short() && i%4 > 0 {
			continue
		}
		cases["Odd/"+c.Name+".wav"] = c
		writeFile(t, filepath.Join(dir, c.Name+".wav"), c.Bytes)
	}
	return dir, cases
}

func TestExportMakesCleanWAVFiles(t *testing.T) {
	dir, cases := odd(t)
	out, failures, summary := export(t, engine(), compress(t, engine(), dir), job.WAV)
	for name, c := range cases {
		if len(c.Audio) > 0 {
			continue
		}
		if !strings.Contains(failures[name], "it was kept whole (") {
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
		checkCleanWAV(t, f.Name, cases[f.Name], b)
		if there, err := os.Stat(path); err != nil || !there.ModTime().Equal(f.ModTime()) || there.Mode() != 0o640 {
			t.Errorf("%s: %v, error %v", path, there, err)
		}
	}
	noTemporaries(t, out)
}

// checkCleanWAV compares what was exported with the original.
func checkCleanWAV(t *testing.T, name string, original recordingtest.Case, exported []byte) {
	t.Helper()
	want := original.Audio[0].Format.PCM()
	var raw []byte
	for _, s := range original.Audio {
		raw = append(raw, s.Format.ToPCM(original.Bytes[s.Offset:s.End()])...)
	}
	f, err := recording.Find(bytes.NewReader(exported), int64(len(exported)))
	if err != nil || len(f.Notes) > 0 || len(f.Spans) < 2 {
		t.Errorf("%s: found %+v, %v", name, f, err)
		return
	}
	audio := f.Spans[1]
	if audio.Offset > 68 || audio.Format.PCM() != want || !bytes.Equal(audio.Format.ToPCM(exported[audio.Offset:audio.End()]), raw) {
		t.Errorf("%s: has other samples (%+v, was %+v)", name, audio.Format, want)
	}
	texts := tags(t, original.Bytes)
	for i, tag := range texts {
		if info, ok := map[string]string{"aiff.NAME": "INAM", "caf.title": "INAM", "au.annotation": "ICMT"}[tag.Name]; ok {
			texts[i].Name = info
		}
	}
	texts = slices.DeleteFunc(texts, func(tag recording.Tag) bool { return len(tag.Name) != 4 })
	if got := tags(t, exported); !slices.Equal(got, texts) {
		t.Errorf("%s: has the texts %q, want %q", name, got, texts)
	}
	if want.Kind == recording.Float {
		return
	}
	samples := want.Samples(raw)
	others, rate, err := recordingtest.Oracle(exported)
	if len(others) == 1 && len(raw)%2 == 1 {
		others[0] = others[0][:len(others[0])-1] // the padding
	}
	if err != nil || rate != want.SampleRate || !equalSamples(others, samples) {
		t.Errorf("%s: go-audio/wav reads other samples, error %v", name, err)
	}
}

// tags returns the texts in a file.
func tags(t *testing.T, b []byte) []recording.Tag {
	t.Helper()
	f, err := recording.Find(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := recording.Tags(bytes.NewReader(b), int64(len(b)), f.Spans)
	if err != nil {
		t.Fatal(err)
	}
	return m.Tags
}

func TestExportToWAVLeavesTheOriginal(t *testing.T) {
	dir := album(t)
	path := compress(t, engine(), dir)
	var failures []string
	e := engine()
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failures = append(failures, f.Name+": "+f.Err.Error())
		}
	}
	before := contents(t, dir)
	o := job.ExportOptions{Archive: path, Dir: filepath.Dir(dir), Format: job.WAV, Names: []string{"Album/06 tail.wav"}}
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
