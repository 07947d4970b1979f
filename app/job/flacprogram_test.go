package job_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// toneFile writes a WAV file of so many bits a sample and channels.
func toneFile(t *testing.T, path string, bits, channels int) {
	t.Helper()
	frames := 20_000
	if testing.Short() {
		frames = 5000
	}
	f := recording.Format{Channels: channels, SampleRate: 44100, Width: (bits + 7) / 8, ValidBits: bits}
	samples := make([][]int32, channels)
	for c, container := range recordingtest.Tone(channels, frames, f.ContainerBits()) {
		for _, v := range container {
			samples[c] = append(samples[c], v>>(f.ContainerBits()-bits)<<(f.ContainerBits()-bits))
		}
	}
	writeFile(t, path, recordingtest.File("wav", f, f.Bytes(samples)))
}

// What the flac program makes, of all widths and numbers of channels and with all
// that may stand before the audio, goes through a recipe and comes back.
func TestFilesOfTheFLACProgramComeBack(t *testing.T) {
	program, err := exec.LookPath("flac")
	if err != nil {
		t.Skip("the flac program is not installed")
	}
	dir := filepath.Join(t.TempDir(), "Album")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	wav := filepath.Join(t.TempDir(), "x.wav")
	run := func(name, options string) {
		out := filepath.Join(dir, name+".flac")
		arguments := append(strings.Fields(options), "-s", "--lax", "--channel-map=none", "-o", out, wav)
		if message, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("flac %s: %v: %s", options, err, message)
		}
	}
	for _, bits := range []int{4, 7, 8, 12, 16, 20, 24, 31, 32} {
		toneFile(t, wav, bits, 2)
		run(fmt.Sprintf("%d bits", bits), "-8")
	}
	for channels := 1; channels <= 8; channels++ {
		toneFile(t, wav, 16, channels)
		run(fmt.Sprintf("%d channels", channels), "-5")
	}
	toneFile(t, wav, 16, 2)
	extra := t.TempDir()
	cue, picture := filepath.Join(extra, "x.cue"), filepath.Join(extra, "picture")
	writeFile(t, cue, []byte("FILE \"x.wav\" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n"))
	writeFile(t, picture, []byte(strings.Repeat("picture", 3000)))
	for name, options := range map[string]string{
		"padding": "--padding=100000", "bare": "--no-padding --no-seektable", "seek table": "-S 100x", "cue sheet": "--cuesheet=" + cue,
		"tags": "-T TITLE=Song -T ARTIST=A -T ARTIST=B", "picture": "--picture=3|image/png||1x1x24|" + picture,
		"small blocks": "-b 16", "odd blocks": "-b 4097", "large blocks": "-b 65535", "long predictors": "-8 -l 32", "all ways": "-8 -e -p",
	} {
		run(name, options)
	}
	tags, err := os.ReadFile(filepath.Join(dir, "tags.flac"))
	if err != nil {
		t.Fatal(err)
	}
	id3 := append([]byte("ID3\x03\x00\x00\x00\x00\x00\x40"), make([]byte, 64)...)
	writeFile(t, filepath.Join(dir, "id3.flac"), slices.Concat(id3, tags, []byte("TAG"), make([]byte, 125)))

	e := engine()
	out := compress(t, e, dir)
	entries, _, err := e.List(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range entries {
		if f.Kind == archive.KindFile || f.Kind == archive.KindRecording && (f.Format != "flac" || f.FLAC != f.Size) {
			t.Errorf("%s: %+v", f.Name, f.File)
		}
	}
	back := t.TempDir()
	summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: back})
	if err != nil || summary.Failed > 0 || !maps.Equal(contents(t, dir), contents(t, filepath.Join(back, "Album"))) {
		t.Errorf("they do not come back: %d failed, error %v", summary.Failed, err)
	}
}

// A FLAC file is inspected before it is coded, and tells of that.
func TestProgressOfInspectingFLACFiles(t *testing.T) {
	source, _ := flacAlbum(t)
	started, done := map[string]int64{}, map[string]int64{}
	e := engine()
	e.Events = func(ev job.Event) {
		switch ev := ev.(type) {
		case job.Started:
			if ev.Phase == job.Compressing {
				started[ev.Name] = ev.Size
			}
		case job.Progress:
			size := started[ev.Name]
			if ev.Phase != job.Compressing {
				return
			}
			if done[ev.Name] == 0 && (size == 0 || ev.Added > size/16) {
				t.Errorf("%s: the first progress is %d of %d bytes", ev.Name, ev.Added, size)
			}
			if done[ev.Name] += ev.Added; ev.Done > size {
				t.Errorf("%s: %d bytes are done of %d", ev.Name, ev.Done, size)
			}
		}
	}
	compress(t, e, source)
	for name, size := range started {
		if done[name] != size {
			t.Errorf("%s: progress of %d bytes of %d", name, done[name], size)
		}
	}
}
