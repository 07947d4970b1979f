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

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// entryOf returns where the compressed bytes of an entry begin in an archive.
func entryOf(t *testing.T, path string, i int) int {
	t.Helper()
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	r, err := a.Entries()[i].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	_, start, _ := r.Outer()
	return int(start)
}

// recordsOf returns where the records of a stream begin, and where it ends.
func recordsOf(t *testing.T, original []byte) []int {
	t.Helper()
	f, err := recording.Find(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		t.Fatal(err)
	}
	e, err := stream.NewEncoder(context.Background(), bytes.NewReader(original), f.Spans, jobtest.NewCoder(model))
	if err != nil {
		t.Fatal(err)
	}
	places := []int{len(e.Begin())}
	for i := range e.Parts() {
		p, err := e.Part(context.Background(), i, nil)
		if err == nil {
			p, err = e.BesideFLAC(p)
		}
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, places[i]+len(p.Encoded))
	}
	return places
}

// TestSalvageOfEveryPart damages each part of an archived recording, and of a
// file kept whole, and saves the rest.
func TestSalvageOfEveryPart(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	const frames = 2*262144 + 1000 // four segments
	plain := jobtest.WAV(8000, 8, 1, frames, 1)
	junk := append([]byte("JUNK\xA0\x00\x00\x00"), make([]byte, 160)...)
	tail := append([]byte("LIST\xA0\x00\x00\x00tail"), make([]byte, 156)...)
	original := slices.Concat(plain[:36], junk, plain[36:], tail)
	text := bytes.Repeat([]byte("not much of a text "), 1000)
	dir := filepath.Join(t.TempDir(), "dir")
	writeFile(t, filepath.Join(dir, "a.wav"), original)
	writeFile(t, filepath.Join(dir, "b.txt"), text)
	path := compress(t, engine(), dir)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	records, start := recordsOf(t, original), entryOf(t, path, 1)
	const header, segment = 44 + 168, 135168
	spans := [][2]int{{0, header}}
	for at := 0; at < frames; at += segment {
		spans = append(spans, [2]int{header + at, header + min(at+segment, frames)})
	}
	spans = append(spans, [2]int{header + frames, len(original)})
	for i, span := range spans {
		for _, where := range []int{records[i] + 1, records[i+1] - 1} { // in the record's header, in its payload
			damaged := slices.Clone(sound)
			damaged[start+where] ^= 4
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
			if audio := strings.Contains(reports[0], "the audio from 0:0"); audio != (i > 0 && i < len(spans)-1) {
				t.Errorf("part %d: reported %q", i, reports)
			}
			got, err := os.ReadFile(filepath.Join(back, "dir", "a (damaged).wav"))
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(original)
			lost := want[span[0]:span[1]]
			for k := range lost {
				lost[k] = 0x80
			}
			switch i {
			case 0: // the one that takes its place has the same size
				copy(want[:header], got)
				if f, samples := readWAV(t, got); f.SampleRate != 8000 || len(samples[0]) != frames {
					t.Errorf("with another head, %d frames are found", len(samples[0]))
				}
			case len(spans) - 1:
				clear(lost)
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

// TestLostHeads has heads of recordings of all kinds lost, and reads the files
// that come out.
func TestLostHeads(t *testing.T) {
	for _, f := range []recording.Format{
		{Width: 1, ValidBits: 8, Unsigned: true}, {Width: 3, ValidBits: 24}, {Width: 2, ValidBits: 16, BigEndian: true},
		{Kind: recording.Float, Width: 4, ValidBits: 32}, {Kind: recording.Float, Width: 8, ValidBits: 64, BigEndian: true},
		{Kind: recording.MuLaw, Width: 1, ValidBits: 8}, {Kind: recording.ALaw, Width: 1, ValidBits: 8},
	} {
		f.Channels, f.SampleRate = 2, 48000
		container := "wav"
		if f.BigEndian {
			container = "rifx"
		}
		size := byte(160)
		junk := append([]byte("JUNK"), size, 0, 0, 0)
		if f.BigEndian {
			junk = append([]byte("JUNK"), 0, 0, 0, size)
		}
		audio := bytes.Repeat([]byte{1, 2, 3, 4}, 4000)
		plain := recordingtest.File(container, f, audio[:len(audio)/f.FrameBytes()*f.FrameBytes()])
		original := slices.Concat(plain[:12], junk, make([]byte, size), plain[12:])
		wantFormat, want := readWAV(t, original)
		path := filepath.Join(t.TempDir(), "a.wav")
		writeFile(t, path, original)
		path = compress(t, engine(), path)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[entryOf(t, path, 0)+recordsOf(t, original)[0]+1] ^= 1
		e := engine()
		e.Disk = memory{content: b}
		back := t.TempDir()
		if summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true}); err != nil || summary.Salvaged != 1 {
			t.Fatalf("%+v: %d were salvaged, error %v", f, summary.Salvaged, err)
		}
		saved, err := os.ReadFile(filepath.Join(back, "a (damaged).wav"))
		if err != nil {
			t.Fatal(err)
		}
		if format, samples := readWAV(t, saved); format != wantFormat || f.Width < 8 && !equalSamples(samples, want) {
			t.Errorf("%+v: the audio saved is %+v, or has other samples", f, format)
		}
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

// TestSalvagingTwice salvages once more where that has been done: everything is there, and
// stays as it is, unless something else has the name.
func TestSalvagingTwice(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(source, "1.wav"), jobtest.WAV(8000, 16, 1, 3000, 1))
	writeFile(t, filepath.Join(source, "2.txt"), []byte("text"))
	path := compress(t, engine(), source)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.Index(b, []byte("1.wav"))+500] ^= 1
	writeFile(t, path, b)
	into := t.TempDir()
	saved := filepath.Join(into, "Album", "1 (damaged).wav")
	salvaging := restoring(job.RestoreOptions{Archive: path, Dir: into, Salvage: true})
	first, said := run(engine(), salvaging)
	before := contents(t, into)
	again, saidAgain := run(engine(), salvaging)
	if first.Salvaged != 1 || again.Salvaged != 1 || said != saidAgain || len(again.Lacks) > 0 || !maps.Equal(contents(t, into), before) {
		t.Errorf("it said\n%s\nand then\n%s\nlacking is %v, there is %v, was %v", said, saidAgain, again.Lacks, contents(t, into), before)
	}
	writeFile(t, saved, []byte("mine"))
	if last, report := run(engine(), salvaging); last.Salvaged != 0 || !strings.Contains(report, job.ErrExists.Error()) {
		t.Errorf("over another file it said %s", report)
	}
	if b, err := os.ReadFile(saved); err != nil || string(b) != "mine" {
		t.Errorf("the other file has become %q, %v", b, err)
	}
}
