package job_test

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	mewkiz "github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// export exports all of an archive and returns the folder and what failed.
func export(t testing.TB, e *job.Engine, archive string, format job.ExportFormat) (dir string, failures map[string]string, summary job.Summary) {
	t.Helper()
	dir = t.TempDir()
	failures = map[string]string{}
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failures[f.Name] = f.Err.Error()
		}
	}
	summary, err := e.Export(context.Background(), job.ExportOptions{Archive: archive, Dir: dir, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	return dir, failures, summary
}

func TestExportMakesFLACFilesOfTheSameSamples(t *testing.T) {
	archive := archiveOfAlbum(t)
	dir, failures, summary := export(t, engine(), archive, "")
	for _, name := range []string{"Album/05 none.wav", "Album/08 text.wav", "Album/09 nothing.wav"} {
		if !strings.Contains(failures[name], "it was kept whole (") {
			t.Errorf("%s: reported %q", name, failures[name])
		}
		delete(failures, name)
	}
	if len(failures) > 0 || summary.Failed != 3 || len(summary.Files) != 6 || summary.Skipped != 3 {
		t.Errorf("failed %v, exported %d, skipped %d", failures, len(summary.Files), summary.Skipped)
	}
	flacTool, _ := exec.LookPath("flac")
	for _, f := range summary.Files {
		path := filepath.Join(dir, filepath.FromSlash(job.FLACOrWAV.FileName(f)))
		if f.Samples == "float" {
			if !strings.HasSuffix(path, "07 float.wav") {
				t.Errorf("floats are exported as %s", path)
			}
			continue // see TestExportMakesCleanWAVFiles
		}
		info, samples := readFLAC(t, path)
		sum := md5Of(samples, (f.Bits+7)/8)
		if info.MD5sum != sum || f.PCMMD5 != "" && f.PCMMD5 != hex.EncodeToString(sum[:]) || int64(info.NSamples) != f.Frames || info.SampleRate != f.SampleRate {
			t.Errorf("%s: STREAMINFO is %+v", path, info)
		}
		original, err := os.ReadFile(filepath.Join(restored(t, archive), filepath.FromSlash(f.Name)))
		if err != nil {
			t.Fatal(err)
		}
		format, want := readWAV(t, original)
		if !equalSamples(samples, want) {
			t.Errorf("%s has other samples (%v)", path, format)
		}
		if there, err := os.Stat(path); err != nil || there.Size() < f.FLAC || !there.ModTime().Equal(f.ModTime()) || there.Mode() != 0o640 {
			t.Errorf("%s: %v, error %v", path, there, err)
		}
		if flacTool != "" {
			if text, err := exec.Command(flacTool, "-t", "-s", path).CombinedOutput(); err != nil {
				t.Errorf("flac -t %s: %v: %s", path, err, text)
			}
		}
	}
	noTemporaries(t, dir)
}

// md5Of returns the MD5 of samples of so many bytes, as FLAC has it.
func md5Of(samples [][]int32, width int) [md5.Size]byte {
	var b []byte
	for i := range samples[0] {
		for c := range samples {
			b = append(b, binary.LittleEndian.AppendUint32(nil, uint32(samples[c][i]))[:width]...)
		}
	}
	return md5.Sum(b)
}

// restored returns a folder with all of an archive.
func restored(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: archive, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readWAV(t testing.TB, b []byte) (recording.Format, [][]int32) {
	t.Helper()
	f, samples, err := recordingtest.Audio(b)
	if err != nil {
		t.Fatal(err)
	}
	return f, samples
}

func readFLAC(t testing.TB, path string) (*meta.StreamInfo, [][]int32) {
	t.Helper()
	s, err := mewkiz.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	samples := make([][]int32, s.Info.NChannels)
	for n := uint64(0); n < s.Info.NSamples; {
		f, err := s.ParseNext()
		if err != nil {
			t.Fatal(err)
		}
		for c, sub := range f.Subframes {
			samples[c] = append(samples[c], sub.Samples...)
		}
		n += uint64(f.BlockSize)
	}
	return s.Info, samples
}

func equalSamples(a, b [][]int32) bool {
	return slices.EqualFunc(a, b, func(x, y []int32) bool { return slices.Equal(x, y) })
}

func TestExportKeepsTheTexts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Tape")
	info := func(id, text string) string {
		return id + fmt.Sprintf("%c\x00\x00\x00", len(text)) + text + strings.Repeat("\x00", len(text)%2)
	}
	list := "INFO" + info("INAM", "Für Elise") + info("IART", "Beethoven\x00") + info("ISRC", "the attic") + info("I=~X", "odd")
	writeFile(t, filepath.Join(dir, "a.wav"), append(jobtest.WAV(44100, 16, 1, 500, 1), "LIST"+fmt.Sprintf("%c\x00\x00\x00", len(list))+list...))
	surround := recording.Format{Channels: 4, SampleRate: 48000, Width: 3, ValidBits: 20}
	b := recordingtest.WAV(surround, [][]int32{{16, 32}, {0, 0}, {48, 64}, {-16, -32}})
	b[12+8+20] = 0x33 // the speakers
	writeFile(t, filepath.Join(dir, "b.wav"), b)

	out, failures, _ := export(t, engine(), compress(t, engine(), dir), job.FLAC)
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	for name, want := range map[string]map[string]string{
		"a.flac": {"TITLE": "Für Elise", "ARTIST": "Beethoven", "SOURCE": "the attic", "I__X": "odd"},
		"b.flac": {"WAVEFORMATEXTENSIBLE_CHANNEL_MASK": "0x33"},
	} {
		s, err := mewkiz.ParseFile(filepath.Join(out, "Tape", name))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, block := range s.Blocks {
			if c, ok := block.Body.(*meta.VorbisComment); ok {
				for _, tag := range c.Tags {
					got[tag[0]] = tag[1]
				}
			}
		}
		s.Close()
		if !maps.Equal(got, want) {
			t.Errorf("%s has the comments %v, want %v", name, got, want)
		}
	}
}

func TestExportReportsAFullDisk(t *testing.T) {
	archive := archiveOfAlbum(t)
	for _, format := range []job.ExportFormat{job.FLAC, job.WAV} {
		budget := 100_000
		e := engine()
		e.Disk = &faulty{budget: &budget}
		dir, failures, _ := export(t, e, archive, format)
		if got := failures["Album/01 long.wav"]; !strings.Contains(got, syscall.ENOSPC.Error()) {
			t.Errorf("%s: reported %v", format, failures)
		}
		noTemporaries(t, dir)
	}
}

func TestExportEndsWithItsContext(t *testing.T) {
	archive := archiveOfAlbum(t)
	ctx, cancel := context.WithCancel(context.Background())
	e := engine()
	e.Events = func(ev job.Event) {
		if _, ok := ev.(job.Done); ok {
			cancel()
		}
	}
	dir := t.TempDir()
	start := time.Now()
	_, err := e.Export(ctx, job.ExportOptions{Archive: archive, Dir: dir})
	if !errors.Is(err, context.Canceled) || time.Since(start) > time.Minute {
		t.Errorf("error %v after %v", err, time.Since(start))
	}
	noTemporaries(t, dir)
}
