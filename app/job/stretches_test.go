package job_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
)

// wavOf returns a WAV file with the given data.
func wavOf(bits, channels int, data []byte) []byte {
	return append(jobtest.WAVHeader(1, 8000, bits, channels, len(data)), data...)
}

const takeFrames = 1<<18 + 5000 // two segments

func upsideDown(samples [][]int32) [][]int32 {
	for _, channel := range samples {
		for i := range channel {
			channel[i] = -channel[i]
		}
	}
	return samples
}

// someFrames is takeFrames, but one segment where tests are to be short.
func someFrames() int {
	if testing.Short() {
		return 40_000
	}
	return takeFrames
}

// edited makes a folder with a recording of two channels and of takeFrames, and
// others made of it.
func edited(t testing.TB) string {
	t.Helper()
	return editedOf(t, takeFrames)
}

// editedOf is edited with a recording of so many frames.
func editedOf(t testing.TB, frames int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	take, other := jobtest.WAV(8000, 16, 2, frames, 1), jobtest.WAV(8000, 16, 2, frames, 2)
	data := take[44:]
	var wide, left []byte
	for i := 0; i < len(data); i += 2 {
		wide = append(wide, 0, data[i], data[i+1])
		if i%4 == 0 {
			left = append(left, data[i], data[i+1])
		}
	}
	half := len(data) / 2 &^ 3
	format := recording.Format{Channels: 2, SampleRate: 8000, Width: 2, ValidBits: 16}
	for name, content := range map[string][]byte{
		"1 take.wav":        take,
		"2 cut.wav":         wavOf(16, 2, data[400:half]),
		"3 wide.wav":        wavOf(24, 2, wide),
		"4 left.wav":        wavOf(16, 1, left),
		"5 mix.wav":         wavOf(16, 2, slices.Concat(data[:half], other[44:])),
		"6 other.wav":       other,
		"7 take.flac":       encodedFLAC(t, flac.Format{Channels: 2, Bits: 16, SampleRate: 8000}, format.Samples(data)),
		"9 upside down.wav": wavOf(16, 2, format.Bytes(upsideDown(format.Samples(data[4000:])))),
		"8 new.wav":         append(jobtest.WAV(8000, 16, 2, 20_000, 3), "LIST\x04\x00\x00\x00INFO"...),
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

var references = map[string][]string{
	"dir/2 cut.wav": {"dir/1 take.wav"}, "dir/3 wide.wav": {"dir/1 take.wav"}, "dir/4 left.wav": {"dir/1 take.wav"},
	"dir/9 upside down.wav": {"dir/1 take.wav"}, "dir/5 mix.wav": {"dir/1 take.wav"}, "dir/6 other.wav": {"dir/5 mix.wav"}, "dir/7 take.flac": {"dir/1 take.wav"},
}

func TestRecordingsRefer(t *testing.T) {
	source := editedOf(t, someFrames())
	path := compress(t, engine(), source)
	entries, damage, err := engine().List(path)
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	for _, e := range entries {
		if !slices.Equal(e.RefersTo, references[e.Name]) {
			t.Errorf("%s refers to %q", e.Name, e.RefersTo)
		}
		if part := e.Name == "dir/5 mix.wav" || e.Name == "dir/7 take.flac"; len(e.RefersTo) > 0 && !part && e.File.Compressed > 100 {
			t.Errorf("%s takes %d bytes", e.Name, e.File.Compressed)
		}
	}
	want := contents(t, source)
	back := t.TempDir()
	summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	if got := contents(t, filepath.Join(back, "dir")); !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
	for name := range references {
		back := t.TempDir()
		summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back, Names: []string{name}})
		if err != nil || summary.Failed > 0 {
			t.Errorf("%s alone: %d failed, error %v", name, summary.Failed, err)
		}
		if got := contents(t, filepath.Join(back, "dir")); got[filepath.Base(name)] != want[filepath.Base(name)] {
			t.Errorf("%s alone comes back as %v", name, got)
		}
	}
	exported, err := engine().Export(context.Background(), job.ExportOptions{Archive: path, Dir: t.TempDir(), Format: job.WAV, Names: []string{"dir/5 mix.wav"}})
	if err != nil || exported.Failed > 0 || len(exported.Files) != 1 {
		t.Errorf("%d exports failed, error %v", exported.Failed, err)
	}
}

func TestReferencesDoNotDependOnTheWorkers(t *testing.T) {
	source := editedOf(t, someFrames())
	var want []byte
	for _, workers := range []int{1, 9} {
		e := engine()
		e.Workers = workers
		got, err := os.ReadFile(compress(t, e, source))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("with %d workers the archive differs", workers)
		}
	}
}

// TestDamageIsReportedForAllThatRefer damages the second segment of the recording
// that others refer to.
func TestDamageIsReportedForAllThatRefer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	source := edited(t)
	path := compress(t, engine(), source)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(sound)
	damaged[entryOf(t, path, 2)-100] ^= 4 // the end of the first file
	for _, salvage := range []bool{false, true} {
		e, failed := engineFor(damaged)
		back := t.TempDir()
		if salvage {
			_, err = e.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back, Salvage: true})
		} else {
			_, err = e.Verify(context.Background(), path)
		}
		if err != nil {
			t.Fatal(err)
		}
		lost := slices.Sorted(maps.Keys(failed))
		if !slices.Equal(lost, []string{"dir/1 take.wav", "dir/3 wide.wav", "dir/4 left.wav", "dir/7 take.flac", "dir/9 upside down.wav"}) {
			t.Errorf("%q failed", failed)
		}
		for _, name := range lost[1:] {
			if !strings.Contains(failed[name], "its samples are those of dir/1 take.wav: segment 2 of 2 is damaged") {
				t.Errorf("%s failed with %s", name, failed[name])
			}
		}
		if !salvage {
			continue
		}
		got, err := os.ReadFile(filepath.Join(back, "dir", "3 wide (damaged).wav"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(source, "3 wide.wav"))
		if err != nil {
			t.Fatal(err)
		}
		if half := len(want)/2 - 10_000; len(got) != len(want) || !bytes.Equal(got[:half], want[:half]) || !bytes.Equal(got[len(got)-1000:], make([]byte, 1000)) {
			t.Error("the first half was not saved")
		}
	}
}

// TestSalvageOfWhatRefersInPart damages the samples that a part of recordings refers to: all others are saved, also those of the
// same segment.
func TestSalvageOfWhatRefersInPart(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	source := edited(t)
	path := compress(t, engine(), source)
	damaged, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const lost = 135168 // frames of the first segment of the first file
	damaged[entryOf(t, path, 1)+1000] ^= 4
	for name, c := range map[string]struct {
		silent int // frames at the beginning
		said   string
	}{
		"2 cut.wav":   {lost - 100, "(frames 0 to 133471): its samples are those of dir/1 take.wav: segment 1 of 2 is damaged"},
		"5 mix.wav":   {takeFrames / 2, "(frames 0 to 133571): its samples are those of dir/1 take.wav: segment 1 of 2 is damaged"},
		"7 take.flac": {lost, "(frames 0 to 135167): its samples are those of dir/1 take.wav: segment 1 of 2 is damaged"},
	} {
		e := engine()
		e.Disk = memory{content: damaged}
		var failed []string
		e.Events = func(ev job.Event) {
			if f, ok := ev.(job.Failed); ok {
				failed = append(failed, f.Err.Error())
			}
		}
		o := job.RestoreOptions{Archive: path, Dir: t.TempDir(), Names: []string{"dir/" + name}, Salvage: true}
		summary, err := e.Restore(context.Background(), o)
		if err != nil || summary.Salvaged != 1 || len(failed) != 1 || !strings.Contains(failed[0], c.said) {
			t.Errorf("%s: %d salvaged, error %v, %q", name, summary.Salvaged, err, failed)
			continue
		}
		read := func(path string) [][]int32 {
			if filepath.Ext(path) == ".flac" {
				_, samples := readFLAC(t, path)
				return samples
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, samples := readWAV(t, b)
			return samples
		}
		extension := filepath.Ext(name)
		got := read(filepath.Join(o.Dir, "dir", strings.TrimSuffix(name, extension)+" (damaged)"+extension))
		want := read(filepath.Join(source, name))
		for _, channel := range want {
			clear(channel[:min(c.silent, len(channel))])
		}
		if !equalSamples(got, want) {
			t.Errorf("%s: not all was saved", name)
		}
	}
}

// TestReferencesToWhatFails takes the recording away that others refer to.
func TestReferencesToWhatFails(t *testing.T) {
	source := editedOf(t, 40_000)
	failed, got, _ := compressWithout(t, source, "1 take.wav")
	if !slices.Equal(failed, []string{"1 take.wav"}) {
		t.Errorf("%q failed", failed)
	}
	want := contents(t, source)
	delete(want, "1 take.wav")
	delete(want, ".")
	delete(got, ".")
	if !maps.Equal(got, want) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
}

// TestReferencesGoOnAfterAnInterruption stops compression after each file.
func TestReferencesGoOnAfterAnInterruption(t *testing.T) {
	source := editedOf(t, 40_000)
	want, err := os.ReadFile(compress(t, engine(), source))
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for stop := 1; stop < 9; stop += step {
		got := interrupted(t, source, stop)
		if got == nil {
			t.Fatalf("it was not stopped after %d files", stop)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("interrupted after %d files, the archive differs", stop)
		}
	}
}
