package job_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

const model = "the model of the tests"

// album makes a folder with a bit of everything and returns its path.
func album(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Album")
	for name, content := range map[string][]byte{
		"01 long.wav":     twoSegments(),
		"02 24 bit.wav":   jobtest.WAV(96000, 24, 1, 1000, 2),
		"03 8 bit.wav":    jobtest.WAV(11025, 8, 1, 3001, 3),
		"04 one.wav":      jobtest.WAV(44100, 16, 1, 1, 4),
		"05 none.wav":     jobtest.WAV(44100, 16, 1, 0, 5),
		"06 tail.wav":     append(jobtest.WAV(44100, 16, 2, 100, 6), "LIST\x04\x00\x00\x00INFO"...),
		"07 float.wav":    append(jobtest.WAVHeader(3, 44100, 32, 1, 8), "abcdefgh"...),
		"08 text.wav":     []byte("not a sound"),
		"09 nothing.wav":  nil,
		"Scans/cover.jpg": bytes.Repeat([]byte("not much of a picture "), 100_000), // several blocks
		"Scans/note.txt":  []byte("x"),
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), content)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../01 long.wav", filepath.Join(dir, "Scans", "link")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// twoSegments is a recording of takeFrames.
var twoSegments = sync.OnceValue(func() []byte { return jobtest.WAV(8000, 16, 1, takeFrames, 1) })

// archiveOfAlbum is a new copy of the archive of an album.
func archiveOfAlbum(t testing.TB) string {
	t.Helper()
	albumArchive.Do(func() {
		b, err := os.ReadFile(compress(t, engine(), album(t)))
		if err != nil {
			t.Fatal(err)
		}
		albumArchive.content = b
	})
	path := filepath.Join(t.TempDir(), "out.trilobyte")
	writeFile(t, path, albumArchive.content)
	return path
}

var albumArchive struct {
	sync.Once
	content []byte
}

func writeFile(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o640); err != nil {
		t.Fatal(err)
	}
	old := time.Unix(1_000_000_000, 987_654_321)
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
}

// contents returns all that is in a folder, described, by name.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case info.IsDir():
			found[name] = info.Mode().String()
		case info.Mode().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found[name] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime().UnixNano(), md5.Sum(b))
		default:
			found[name], err = os.Readlink(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func engine() *job.Engine { return &job.Engine{Codec: jobtest.Codec(model), Workers: 3} }

// engineFor is an engine for which all archives have these bytes. It notes in failed what it says of files, by their names.
func engineFor(content []byte) (e *job.Engine, failed map[string]string) {
	e, failed = engine(), map[string]string{}
	e.Disk = memory{content: content}
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failed[f.Name] += f.Err.Error()
		}
	}
	return e, failed
}

// compress makes an archive of paths that must go well and returns its path.
func compress(t testing.TB, e *job.Engine, paths ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	var failures []string
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failures = append(failures, fmt.Sprintf("%s: %v", f.Name, f.Err))
		}
	}
	defer func() { e.Events = nil }()
	summary, err := e.Compress(context.Background(), job.CompressOptions{Paths: paths, Archive: out, Verify: true})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("compressing: %v %v", failures, err)
	}
	return out
}

// noTemporaries fails the test if a folder has temporary files.
func noTemporaries(t testing.TB, dir string) {
	t.Helper()
	for name := range contents(t, dir) {
		if strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".list") {
			t.Errorf("%s was left behind", name)
		}
	}
}

func TestEverythingComesBack(t *testing.T) {
	source := album(t)
	out := compress(t, engine(), source)
	back := t.TempDir()
	summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	want, got := contents(t, source), contents(t, filepath.Join(back, "Album"))
	if !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
	noTemporaries(t, filepath.Dir(out))
}

func TestTheManifestDescribesTheAudio(t *testing.T) {
	source := album(t)
	writeFile(t, filepath.Join(source, "03 8 bit long.wav"), jobtest.WAV(11025, 8, 1, 70001, 3))
	entries, damage, err := engine().List(compress(t, engine(), source))
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	byName := map[string]archive.File{}
	for _, e := range entries {
		byName[strings.TrimPrefix(e.Name, "Album/")] = e.File
	}
	f := byName["02 24 bit.wav"]
	if f.SampleRate != 96000 || f.Bits != 24 || f.Channels != 1 || f.Frames != 1000 || f.Kind != archive.KindRecording || f.Format != "wav" || f.Samples != "int" || f.PCMMD5 != "" || f.FLAC < 1000 {
		t.Errorf("described as %+v", f)
	}
	// Only what is not small has an MD5.
	sum := md5.Sum(twoSegments()[44:])
	if got := byName["01 long.wav"].PCMMD5; got != hex.EncodeToString(sum[:]) {
		t.Errorf("the MD5 of the long recording is %q, want %x", got, sum)
	}
	// FLAC's samples are signed at 8 bits, WAV's are not.
	samples := jobtest.WAV(11025, 8, 1, 70001, 3)[44:]
	for i := range samples {
		samples[i] -= 128
	}
	sum = md5.Sum(samples)
	if got := byName["03 8 bit long.wav"].PCMMD5; got != hex.EncodeToString(sum[:]) {
		t.Errorf("the MD5 of 8-bit audio is %s, want %x", got, sum)
	}
	for name, kind := range map[string]archive.Kind{
		"05 none.wav": archive.KindFile, "07 float.wav": archive.KindRecording, "08 text.wav": archive.KindFile,
		"Scans": archive.KindFolder, "Scans/link": archive.KindLink, "Scans/cover.jpg": archive.KindFile,
	} {
		if got := byName[name].Kind; got != kind {
			t.Errorf("%s is a %s, want %s", name, got, kind)
		}
	}
	if f := byName["Scans/cover.jpg"]; f.Compressed > f.Size/50 {
		t.Errorf("a text of %d bytes that repeats itself was deflated to %d", f.Size, f.Compressed)
	}
}

func TestTheArchiveDoesNotDependOnTheWorkers(t *testing.T) {
	source := album(t)
	var want []byte
	all := []int{1, 2, 5, 16}
	if testing.Short() {
		all = []int{1, 5}
	}
	for _, workers := range all {
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

func TestAnotherProgramVersionDecodesWithTheModelInTheArchive(t *testing.T) {
	// The model travels in the archive if it is below a thousandth of it, or not built in.
	source := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, source, jobtest.WAV(44100, 16, 2, 100_000, 1))
	old := compress(t, engine(), source)
	newer := &job.Engine{Codec: jobtest.Codec("a newer model")}
	if summary, err := newer.Verify(context.Background(), old); err != nil || summary.Failed > 0 {
		t.Errorf("%d failed, error %v", summary.Failed, err)
	}

	writeFile(t, source, jobtest.WAV(44100, 16, 2, 10, 1))
	builtIn := engine()
	builtIn.Codec.BuiltIn = map[[32]byte][]byte{builtIn.Codec.Coder.ID(): builtIn.Codec.Model}
	small := compress(t, builtIn, source)
	var reason error
	newer.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			reason = f.Err
		}
	}
	summary, err := newer.Verify(context.Background(), small)
	if err != nil || summary.Failed != 1 || !strings.Contains(fmt.Sprint(reason), "model") {
		t.Errorf("%d failed because of %v, error %v", summary.Failed, reason, err)
	}
}

// TestEveryFlippedBit flips each bit of an archive, one at a time.
func TestEveryFlippedBit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 20, 1))
	writeFile(t, filepath.Join(dir, "2.txt"), bytes.Repeat([]byte("text "), 20))
	writeFile(t, filepath.Join(dir, "3.txt"), []byte("x"))
	if err := os.Symlink("2.txt", filepath.Join(dir, "4")); err != nil {
		t.Fatal(err)
	}
	path := compress(t, engine(), dir)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	owner := owners(t, sound)
	e := engine()
	e.Workers = 1
	for at := range sound {
		for bit := range 8 {
			if owner[at] == "" && bit != at%8 {
				continue // one bit of a byte under the seal is as good as another
			}
			damaged := slices.Clone(sound)
			damaged[at] ^= 1 << bit
			e.Disk = memory{content: damaged}
			var failed []string
			e.Events = func(ev job.Event) {
				if f, ok := ev.(job.Failed); ok {
					failed = append(failed, f.Name)
				}
			}
			summary, err := e.Verify(context.Background(), path)
			if err == nil && len(failed) == 0 {
				t.Fatalf("bit %d of byte %d of %d was flipped (in %q), and nothing was found", bit, at, len(sound), owner[at])
			}
			if owner[at] == "" {
				// The archive's own: no file depends on it.
				if err != nil || len(summary.Files) != 5 {
					t.Fatalf("bit %d of byte %d of %d was flipped, and %d files are sound; failed %q, error %v", bit, at, len(sound), len(summary.Files), failed, err)
				}
				continue
			}
			if err != nil || len(failed) != 1 || failed[0] != owner[at] || len(summary.Files) != 4 {
				t.Fatalf("bit %d of byte %d was flipped in %q, but %q failed and %d are sound (error %v)", bit, at, owner[at], failed, len(summary.Files), err)
			}
		}
	}
}

func TestEventsTellHowTheWorkGoesOn(t *testing.T) {
	source := album(t)
	e := engine()
	var planned, done int64
	var sum job.Progress
	states := map[string]string{}
	e.Events = func(ev job.Event) {
		switch ev := ev.(type) {
		case job.Planned:
			if done != planned {
				t.Errorf("%d bytes of %d were done when %s began", done, planned, ev.Phase)
			}
			planned, done = ev.Bytes, 0
		case job.Started:
			if was := states[ev.Name]; was != "" && was != "compressing done" {
				t.Errorf("%s started after %q", ev.Name, was)
			}
			states[ev.Name] = string(ev.Phase)
		case job.Progress:
			if states[ev.Name] != string(ev.Phase) {
				t.Errorf("progress of %s while it was %q", ev.Name, states[ev.Name])
			}
			done += ev.Added
			if ev.Phase == job.Compressing {
				sum.Audio += ev.Audio
			}
		case job.Done:
			states[ev.File.Name] += " done"
			if strings.HasSuffix(ev.File.Name, "text.wav") && !strings.Contains(ev.File.Note, "does not begin as a recording does") {
				t.Errorf("the note on a file of text is %q", ev.File.Note)
			}
		}
	}
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	summary, err := e.Compress(context.Background(), job.CompressOptions{Paths: []string{source}, Archive: out, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	audio := time.Duration(0)
	for _, f := range summary.Files {
		audio += f.Duration()
		if states[f.Name] != "verifying done" {
			t.Errorf("%s is %q in the end", f.Name, states[f.Name])
		}
	}
	if d := sum.Audio - audio; d.Abs() > time.Millisecond {
		t.Errorf("%v of audio in progress, %v in files", sum.Audio, audio)
	}
}
