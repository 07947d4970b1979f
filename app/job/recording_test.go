package job_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// TestNothingIsKeptInSilence has a note for each recording that is kept whole or
// has something wrong, and none for other files.
func TestNothingIsKeptInSilence(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	dir := filepath.Join(t.TempDir(), "Odd")
	cases := map[string]recordingtest.Case{}
	for _, c := range recordingtest.Cases() {
		cases["Odd/"+c.Name+".wav"] = c
		writeFile(t, filepath.Join(dir, c.Name+".wav"), c.Bytes)
	}
	text := []byte("\xff\xfb\x90 could be MPEG audio, but is not called so")
	writeFile(t, filepath.Join(dir, "notes.txt"), text)
	writeFile(t, filepath.Join(dir, "song.mp3"), text)
	entries, _, err := engine().List(compress(t, engine(), dir))
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{}
	for _, e := range entries {
		notes[e.Name] = e.Note
		c, ok := cases[e.Name]
		if !ok {
			continue
		}
		audio := len(c.Audio) > 0
		if e.Format != c.Container || (e.Kind == archive.KindRecording) != audio || (e.Samples != "") != audio {
			t.Errorf("%s is a %s of format %q with samples %q", e.Name, e.Kind, e.Format, e.Samples)
		}
		if wanted := len(c.Notes) > 0 || !audio; (e.Note != "") != wanted {
			t.Errorf("%s has the note %q", e.Name, e.Note)
		}
	}
	if got := notes["Odd/notes.txt"]; got != "" {
		t.Errorf("a text has the note %q", got)
	}
	if got := notes["Odd/song.mp3"]; !strings.Contains(got, "MPEG audio, which is compressed already") {
		t.Errorf("an MP3 file has the note %q", got)
	}
	if got := notes["Odd/size-of-half.wav"]; !strings.HasPrefix(got, "its header says ") {
		t.Errorf("a file with a wrong length has the note %q", got)
	}
}

var sixteen = recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16}

// TestSamplesInAnyContainerHaveOneMD5 has the same sound in all containers.
func TestSamplesInAnyContainerHaveOneMD5(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Same")
	for _, container := range recordingtest.Containers {
		f, ok := recordingtest.Stored(container, sixteen)
		if !ok {
			t.Fatalf("%s cannot hold 16 bits", container)
		}
		writeFile(t, filepath.Join(dir, container+".wav"), recordingtest.File(container, f, f.Bytes(recordingtest.Tone(2, 500, 16))))
	}
	summary, err := engine().Compress(context.Background(), job.CompressOptions{Paths: []string{dir}, Archive: filepath.Join(t.TempDir(), "a.trilobyte")})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]bool{}
	for _, f := range summary.Files {
		if f.Kind == archive.KindRecording {
			sums[f.PCMMD5] = true
		}
	}
	if len(sums) != 1 || len(summary.Files) != len(recordingtest.Containers)+1 {
		t.Errorf("%d files have %d MD5s", len(summary.Files), len(sums))
	}
}
