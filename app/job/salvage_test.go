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
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

// TestSalvageOfEveryPart damages each part of an archived WAV file, and of a
// file kept whole, and saves the rest.
func TestSalvageOfEveryPart(t *testing.T) {
	const frames = 2*262144 + 1000 // four segments
	original := append(jobtest.WAV(8000, 8, 1, frames, 1), "LIST\x04\x00\x00\x00tail"...)
	text := bytes.Repeat([]byte("not much of a text "), 1000)
	dir := filepath.Join(t.TempDir(), "dir")
	writeFile(t, filepath.Join(dir, "a.wav"), original)
	writeFile(t, filepath.Join(dir, "b.txt"), text)
	path := compress(t, engine(), dir)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(sound, []byte("TBWV"))
	parts := []int{start + 76} // where the records of the WAV file begin
	for _, kind := range []string{"S\x02\x00\x00\x00", "S\x02\x00\x00\x01", "S\x02\x00\x00\x02", "S\x02\x00\x00\x03", "T\x00\x00\x00"} {
		i := bytes.Index(sound[start:], []byte(kind))
		if i < 0 {
			t.Fatalf("there is no record %q", kind)
		}
		parts = append(parts, start+i)
	}
	const header, segment = 44, 135168
	spans := [][2]int{{0, header}}
	for at := 0; at < frames; at += segment {
		spans = append(spans, [2]int{header + at, header + min(at+segment, frames)})
	}
	spans = append(spans, [2]int{header + frames, len(original)})
	for i, at := range parts {
		for _, where := range []int{1, 40} { // in the record's header, in its payload
			damaged := slices.Clone(sound)
			damaged[at+min(where, 28+7)] ^= 4
			e := engine()
			e.Disk = memory{content: damaged}
			back := t.TempDir()
			var reports []string
			e.Events = func(ev job.Event) {
				if f, ok := ev.(job.Failed); ok {
					reports = append(reports, f.Name+": "+f.Err.Error())
				}
			}
			summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true})
			if err != nil || summary.Salvaged != 1 || len(reports) != 1 || !strings.HasPrefix(reports[0], "dir/a.wav: ") {
				t.Fatalf("part %d: %d salvaged, error %v, %q", i, summary.Salvaged, err, reports)
			}
			got, err := os.ReadFile(filepath.Join(back, "dir", "a (damaged).wav"))
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(original)
			lost := want[spans[i][0]:spans[i][1]]
			switch i {
			case 0: // the one that takes its place is the same, but for the size of it all
				copy(want[4:8], got[4:8])
			case len(spans) - 1:
				want = want[:spans[i][0]]
			default:
				for k := range lost {
					lost[k] = 0x80
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("part %d: %d bytes were saved, want %d, and others", i, len(got), len(want))
			}
			if b, err := os.ReadFile(filepath.Join(back, "dir", "b.txt")); err != nil || !bytes.Equal(b, text) {
				t.Errorf("part %d: the text has %d bytes, error %v", i, len(b), err)
			}
			if _, err := os.Stat(filepath.Join(back, "dir", "a.wav")); err == nil {
				t.Errorf("part %d: a damaged file got the name of a sound one", i)
			}
			noTemporaries(t, back)
		}
	}
}

// TestHeadOfAnySize has heads of all sizes lost, and reads the file that comes
// out.
func TestHeadOfAnySize(t *testing.T) {
	for extra := range 20 {
		junk := append([]byte("JUNK"), byte(extra), 0, 0, 0)
		junk = append(junk, make([]byte, extra+extra%2)...)
		plain := jobtest.WAV(48000, 24, 2, 500, 1)
		original := slices.Concat(plain[:12], junk, plain[12:])
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "a.wav"), original)
		b, err := os.ReadFile(compress(t, engine(), filepath.Join(dir, "a.wav")))
		if err != nil {
			t.Fatal(err)
		}
		b[bytes.Index(b, []byte("TBWV"))+76+30] ^= 1
		e := engine()
		e.Disk = memory{content: b}
		back := t.TempDir()
		if summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true}); err != nil || summary.Salvaged != 1 {
			t.Fatalf("%d were salvaged, error %v", summary.Salvaged, err)
		}
		file, err := disk.OS{}.Open(filepath.Join(back, "a (damaged).wav"))
		if err != nil {
			t.Fatal(err)
		}
		encoder, err := stream.NewEncoder(file, int64(len(original)), jobtest.NewCoder(model))
		if err != nil {
			t.Fatalf("with %d bytes of junk: %v", extra, err)
		}
		if f := encoder.File(); f.Frames() != 500 || f.DataOffset != int64(len(original)-500*6) {
			t.Errorf("with %d bytes of junk, the audio saved has %d frames from byte %d", extra, f.Frames(), f.DataOffset)
		}
		file.Close()
	}
}

// TestSalvageOfOtherFiles damages a deflated file.
func TestSalvageOfOtherFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	text := bytes.Repeat([]byte("0123456789 abcdefghij "), 10_000)
	writeFile(t, filepath.Join(dir, "a.wav"), jobtest.WAV(8000, 16, 1, 10, 1))
	writeFile(t, filepath.Join(dir, "b.txt"), text)
	path := compress(t, engine(), dir)
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Entries()[2].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	_, start, size := r.Outer()
	a.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[start+size-3] ^= 0x55
	e := engine()
	e.Disk = memory{content: b}
	back := t.TempDir()
	if summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true}); err != nil || summary.Salvaged != 1 {
		t.Fatalf("%d were salvaged, error %v", summary.Salvaged, err)
	}
	got, err := os.ReadFile(filepath.Join(back, "dir", "b (damaged).txt"))
	if err != nil || !bytes.Equal(got[:min(len(got), 200)], text[:200]) {
		t.Errorf("%d bytes were saved, error %v", len(got), err)
	}
}
