package bench_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"trilobyte/app/bench"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/flac"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// set makes a folder of WAV files and finds them.
func set(t *testing.T) []*bench.File {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"music/long.wav":    jobtest.WAV(8000, 16, 1, 1<<18+5000, 1), // two segments
		"music/24.WAV":      jobtest.WAV(96000, 24, 2, 6000, 2),
		"music/live/8.wav":  jobtest.WAV(11025, 8, 1, 5001, 3),
		"other/32.wav":      append(jobtest.WAV(44100, 32, 1, 5000, 4), "LIST\x04\x00\x00\x00INFO"...),
		"other/nine.wav":    jobtest.WAV(44100, 16, 9, 500, 5),
		"other/readme.text": []byte("not a sound"),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return bench.Find([]string{dir}, func(path string, err error) { t.Errorf("%s: %v", path, err) })
}

// isolate makes temporary files be in a folder of this test, which must be
// empty in the end.
func isolate(t *testing.T) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // of Windows
	t.Cleanup(func() {
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, error %v", left, err)
		}
	})
}

func run(t *testing.T, files []*bench.File, coders ...bench.Coder) map[string]bench.Result {
	t.Helper()
	byName := map[string]bench.Result{}
	reported := 0
	results, err := bench.Run(context.Background(), files, coders, func(bench.Result) { reported++ })
	if err != nil || reported != len(results) || reported != len(files)*len(coders) {
		t.Fatalf("%d results, %d reported, error %v", len(results), reported, err)
	}
	for _, r := range results {
		byName[r.Coder+" "+r.File.Class+"/"+r.File.Name] = r
	}
	return byName
}

func trilobyte() bench.Coder {
	return bench.Trilobyte{Label: "Trilobyte", Coder: jobtest.NewCoder("model")}
}

func TestFindGivesClasses(t *testing.T) {
	var got []string
	for _, f := range set(t) {
		got = append(got, f.Class+"/"+f.Name)
	}
	want := []string{"music/24.WAV", "music/live/8.wav", "music/long.wav", "other/32.wav", "other/nine.wav"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	first := set(t)[0]
	for _, given := range []string{first.Path, filepath.Dir(first.Path)} {
		if files := bench.Find([]string{given}, nil); files[0].Class != "music" {
			t.Errorf("in %s, the class is %q", given, files[0].Class)
		}
	}
}

func TestFindReportsWhatIsNoAudio(t *testing.T) {
	dir := t.TempDir()
	adpcm := filepath.Join(dir, "adpcm.wav")
	content := append(jobtest.WAVHeader(2, 44100, 4, 1, 8), "abcdefgh"...)
	if err := os.WriteFile(adpcm, content, 0o600); err != nil {
		t.Fatal(err)
	}
	silent := filepath.Join(dir, "silent.wav")
	if err := os.WriteFile(silent, jobtest.WAV(44100, 16, 1, 0, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	failures := map[string]error{}
	files := bench.Find([]string{dir, filepath.Join(dir, "missing")}, func(path string, err error) { failures[path] = err })
	if len(files) > 0 || len(failures) != 3 || !strings.Contains(fmt.Sprint(failures[adpcm]), "ADPCM") || failures[silent] == nil {
		t.Errorf("found %d files, failures %v", len(files), failures)
	}
}

func TestOwnCoders(t *testing.T) {
	isolate(t)
	files := set(t)
	before := runtime.GOMAXPROCS(0)
	results := run(t, files, bench.FLAC{}, trilobyte())
	if now := runtime.GOMAXPROCS(0); now != before {
		t.Errorf("%d cores are left of %d", now, before)
	}
	for _, f := range files {
		theirs, ours := results["FLAC -8 "+f.Class+"/"+f.Name], results["Trilobyte "+f.Class+"/"+f.Name]
		if ours.Err != nil || ours.Bytes < 100 || ours.Encode <= 0 || ours.Decode <= 0 || ours.Memory <= 0 {
			t.Errorf("%s: %+v", f.Name, ours)
		}
		if f.Name == "nine.wav" {
			if !errors.Is(theirs.Err, bench.ErrCannot) || ours.FLAC != 0 || ours.Ratio() != 0 {
				t.Errorf("FLAC holds nine channels: %+v, %+v", theirs, ours)
			}
			continue
		}
		b, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		samples := f.Format.Samples(b[f.Audio.Offset:f.Audio.End()])
		want, err := flac.Measure(samples, f.Format.ContainerBits(), f.Format.SampleRate, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want += flac.HeaderSize; theirs.Bytes != want || ours.FLAC != want || ours.Compared != ours.Bytes {
			t.Errorf("%s: FLAC has %d bytes, want %d", f.Name, theirs.Bytes, want)
		}
		if got := ours.BitsPerSample(); got != 8*float64(ours.Bytes)/float64(len(samples)*len(samples[0])) {
			t.Errorf("%s: %v bits per sample", f.Name, got)
		}
	}
}

// A FLAC file is what Trilobyte takes, and what sizes are compared with; other
// coders get its samples.
func TestFLACFilesAreTakenAsTheyAre(t *testing.T) {
	isolate(t)
	files := set(t)[:3]
	dir := t.TempDir()
	for i, f := range files {
		path := filepath.Join(dir, f.Name+".flac")
		writeFLAC(t, f, path)
		files[i] = bench.Find([]string{path}, func(path string, err error) { t.Error(path, err) })[0]
	}
	damaged := filepath.Join(dir, "damaged.flac")
	b, err := os.ReadFile(files[0].Path)
	if err == nil {
		b[len(b)/2] ^= 1
		err = os.WriteFile(damaged, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	bad := bench.Find([]string{damaged}, nil)
	reported := 0
	results, err := bench.Run(context.Background(), bad, []bench.Coder{bench.FLAC{}, trilobyte()}, func(bench.Result) { reported++ })
	if err != nil || reported != 1 || len(results) != 2 || results[1].Err == nil || results[1].Bytes > 0 {
		t.Errorf("%d reported, error %v, %+v", reported, err, results)
	}
	files = bench.Find([]string{dir}, func(path string, err error) { t.Error(path, err) })
	if len(files) != 4 {
		t.Fatalf("found %d files", len(files))
	}
	files = slices.DeleteFunc(files, func(f *bench.File) bool { return f.Path == damaged })
	for name, r := range run(t, files, bench.FLAC{}, trilobyte()) {
		if r.Err != nil || r.FLAC != r.File.Size || r.Raw != r.File.Size || r.Decode <= 0 || r.Samples == 0 || r.BitsPerSample() == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if r.Coder == "FLAC -8" && r.Bytes != r.FLAC {
			t.Errorf("%s: the samples take %d bytes", name, r.Bytes)
		}
	}
}

// writeFLAC makes a FLAC file of a WAV file.
func writeFLAC(t *testing.T, f *bench.File, path string) {
	t.Helper()
	b, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	format := flac.Format{Channels: f.Format.Channels, Bits: f.Format.ContainerBits(), SampleRate: f.Format.SampleRate}
	e, err := flac.NewEncoder(out, format, nil)
	if err == nil {
		err = errors.Join(e.Write(f.Format.Samples(b[f.Audio.Offset:f.Audio.End()])), e.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lossy keeps nothing but silence.
type lossy struct{ jobtest.Coder }

func (lossy) Encode(context.Context, [][]int32, int, func(int)) ([]byte, error) {
	return []byte{0}, nil
}

func (lossy) Decode(_ context.Context, _ []byte, channels, frames, _ int, _ func(int)) ([][]int32, error) {
	return slices.Repeat([][]int32{make([]int32, frames)}, channels), nil
}

func TestALossyCoderIsFound(t *testing.T) {
	isolate(t)
	files := set(t)[:1]
	results := run(t, files, bench.FLAC{}, bench.Trilobyte{Label: "Trilobyte", Coder: lossy{jobtest.NewCoder("model")}})
	if r := results["Trilobyte music/24.WAV"]; r.Err == nil || r.Bytes > 0 || errors.Is(r.Err, bench.ErrCannot) {
		t.Errorf("got %+v", r)
	}
}

// install puts scripts on PATH, and nothing else but what they need.
func install(t *testing.T, scripts map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell to write programs for")
	}
	dir := t.TempDir()
	for _, needed := range []string{"sh", "cp", "head", "sleep"} {
		path, err := exec.LookPath(needed)
		if err != nil {
			t.Skip(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, needed)); err != nil {
			t.Skip(err)
		}
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestPeersAreBelievedOnlyIfLossless(t *testing.T) {
	install(t, map[string]string{
		// mac IN OUT OPTION copies, sac loses the end, ofr fails.
		"mac":     `test $# = 3 || { echo "--- A codec 1.0 ---"; exit 1; }; sleep 0.05; cp "$1" "$2"`,
		"sac":     `eval "from=\${$(($# - 1))} to=\${$#}"; head -c 1000 "$from" > "$to"`,
		"ofr":     `echo; echo "no licence" >&2; exit 3`,
		"wavpack": `cp`, // there is no wvunpack
	})
	isolate(t)
	peers := bench.Peers(context.Background())
	if len(peers) != 3 {
		t.Fatalf("found %d peers", len(peers))
	}
	results := run(t, set(t)[2:3], append([]bench.Coder{bench.FLAC{}}, peers...)...)
	size := int64(44 + 2*(1<<18+5000))
	r := results["Monkey's Audio -c5000 music/long.wav"]
	if r.Err != nil || r.Bytes != size || r.Encode < 0.05 || math.Abs(r.Ratio()-float64(size)/float64(r.FLAC)) > 1e-9 {
		t.Errorf("a copy is measured as %+v", r)
	}
	if runtime.GOOS == "linux" && (r.Memory < 1000 || r.Memory > 1<<30) {
		t.Errorf("the shell took %d bytes of memory", r.Memory)
	}
	if r := results["Sac --normal music/long.wav"]; r.Err == nil || errors.Is(r.Err, bench.ErrCannot) {
		t.Errorf("what is not lossless is measured as %+v", r)
	}
	if r := results["OptimFROG --preset max music/long.wav"]; !errors.Is(r.Err, bench.ErrCannot) || !strings.Contains(r.Err.Error(), "no licence") {
		t.Errorf("a failure is %+v", r)
	}
	for _, p := range peers {
		if p.Name() == "Monkey's Audio -c5000" && !strings.HasPrefix(p.MadeBy(), "A codec 1.0: mac {in} {out} -c5000") {
			t.Errorf("it is made by %q", p.MadeBy())
		}
	}
}

func TestInstalledPeersAgreeWithFLAC(t *testing.T) {
	if _, err := exec.LookPath("flac"); err != nil {
		t.Skip("the flac program is not on PATH")
	}
	isolate(t)
	results := run(t, set(t)[:3], append([]bench.Coder{bench.FLAC{}}, bench.Peers(context.Background())...)...)
	for name, r := range results {
		if r.Err != nil && !errors.Is(r.Err, bench.ErrCannot) {
			t.Errorf("%s: %v", name, r.Err)
		}
		if r.Coder == "flac -8 (tool)" && (r.Ratio() < 0.98 || r.Ratio() > 1.05) {
			t.Errorf("%s: %d bytes, but codec/flac makes %d", name, r.Bytes, r.FLAC)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	isolate(t)
	ctx, cancel := context.WithCancel(context.Background())
	results, err := bench.Run(ctx, set(t), []bench.Coder{bench.FLAC{}, trilobyte()}, func(bench.Result) { cancel() })
	if !errors.Is(err, context.Canceled) || len(results) != 1 {
		t.Errorf("%d results, error %v", len(results), err)
	}
}

func TestTotalsCompareTheSameFiles(t *testing.T) {
	a, b, c := &bench.File{Class: "x"}, &bench.File{Class: "x"}, &bench.File{Class: "y"}
	figures := func(bytes, flac, compared int64, decoded float64) bench.Figures {
		return bench.Figures{Files: 1, Samples: 100, Bytes: bytes, FLAC: flac, Compared: compared, Audio: 2, Encode: 1, Decoded: decoded, Decode: decoded / 4, Memory: bytes}
	}
	results := []bench.Result{
		{File: a, Coder: "ours", Figures: figures(50, 100, 50, 2)},
		{File: a, Coder: "theirs", Figures: figures(80, 100, 80, 0)},
		{File: b, Coder: "ours", Figures: figures(70, 0, 0, 2)}, // which FLAC cannot hold
		{File: b, Coder: "theirs", Err: bench.ErrCannot},
		{File: c, Coder: "ours", Figures: figures(150, 300, 150, 2)},
		{File: c, Coder: "theirs", Figures: figures(270, 300, 270, 0)},
	}
	type row struct {
		class, coder         string
		files, of            int
		bits, ratio, en, dec float64
		memory               int64
	}
	want := []row{
		{"x", "ours", 2, 2, 4.8, 0.5, 2, 4, 70},
		{"x", "theirs", 1, 2, 6.4, 0.8, 2, 0, 80},
		{"y", "ours", 1, 1, 12, 0.5, 2, 4, 150},
		{"y", "theirs", 1, 1, 21.6, 0.9, 2, 0, 270},
		{"", "ours", 3, 3, 7.2, 0.5, 2, 4, 150},
		{"", "theirs", 2, 3, 14, 0.875, 2, 0, 270},
	}
	var got []row
	for _, x := range bench.Totals(results) {
		got = append(got, row{x.Class, x.Coder, x.Files, x.Of, x.BitsPerSample(), x.Ratio(), x.EncodeSpeed(), x.DecodeSpeed(), x.Memory})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
}

func TestPictureIsXMLWithAllNames(t *testing.T) {
	var totals []bench.Total
	for i, name := range []string{"Trilobyte", "FLAC -8", "A & B <fast>"} {
		size := int64(90 + 5*i)
		totals = append(totals, bench.Total{Coder: name, Of: 2, Figures: bench.Figures{
			Files: 2 - i/2, Bytes: size, Compared: size, FLAC: 100, Audio: 10, Encode: 1 / float64(i+1), Decoded: 10, Decode: 0.001,
		}})
	}
	totals = append(totals, bench.Total{Coder: "cannot", Of: 2})
	var out bytes.Buffer
	if err := bench.Picture(&out, totals); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for d := xml.NewDecoder(bytes.NewReader(out.Bytes())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
		if text, ok := token.(xml.CharData); ok {
			texts = append(texts, string(text))
		}
	}
	for _, want := range []string{"Trilobyte", "FLAC -8", "A & B <fast> (1 of 2 files)", "10000 x", "100 %"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not among %q", want, texts)
		}
	}
	if strings.Contains(out.String(), "cannot") || strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "Inf") {
		t.Errorf("got %s", out.String())
	}
}
