package job_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
)

// flacOf returns a FLAC file of the samples of a WAV file that jobtest makes, with
// so much padding and the title "Song".
func flacOf(t testing.TB, rate, bits, channels, frames, padding int) (file, pcm []byte) {
	t.Helper()
	return flacWith(t, rate, bits, channels, frames, padding, flac.Comment{Name: "TITLE", Value: "Song"})
}

// flacWith returns such a file with the comments given.
func flacWith(t testing.TB, rate, bits, channels, frames, padding int, comments ...flac.Comment) (file, pcm []byte) {
	t.Helper()
	format, samples := readWAV(t, jobtest.WAV(rate, bits, channels, frames, 7))
	file = encodedFLAC(t, flac.Format{Channels: channels, Bits: bits, SampleRate: uint32(rate)}, samples, comments...)
	block := append([]byte{1, 0, byte(padding >> 8), byte(padding)}, make([]byte, padding)...)
	return slices.Insert(file, flac.HeaderSize, block...), format.PCM().Bytes(samples)
}

// encodedFLAC returns a FLAC file.
func encodedFLAC(t testing.TB, format flac.Format, samples [][]int32, comments ...flac.Comment) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.flac")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	e, err := flac.NewEncoder(out, format, comments)
	if err == nil {
		err = errors.Join(e.Write(samples), e.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// flacAlbum makes a folder of FLAC files, one of them damaged.
func flacAlbum(t testing.TB) (dir string, pcm []byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "Album")
	one, pcm := flacOf(t, 8000, 16, 1, 1<<18+5000, 4096) // two segments
	eight, _ := flacOf(t, 11025, 8, 2, 5000, 10)
	deep, _ := flacOf(t, 96000, 24, 2, 5000, 10)
	damaged := slices.Clone(one)
	damaged[len(damaged)/2] ^= 8
	for name, content := range map[string][]byte{
		"one.flac": one, "eight.FLAC": eight, "deep": append([]byte("ID3\x04\x00\x00\x00\x00\x00\x01x"), deep...), "bad.flac": damaged,
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	return dir, pcm
}

func TestFLACFilesComeBack(t *testing.T) {
	source, pcm := flacAlbum(t)
	var progress, audio int64
	e := engine()
	out := compress(t, e, source)
	entries, damage, err := e.List(out)
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	for _, f := range entries {
		size := f.Size
		switch f.Name {
		case "Album":
			continue
		case "Album/bad.flac":
			if f.Kind != archive.KindFile || f.Format != "flac" || f.FLAC != 0 || !strings.HasPrefix(f.Note, "it is FLAC that cannot be rebuilt") {
				t.Errorf("a damaged file is described as %+v", f.File)
			}
			continue
		case "Album/one.flac":
			sum := md5.Sum(pcm)
			if f.SampleRate != 8000 || f.Bits != 16 || f.Channels != 1 || f.Frames != 1<<18+5000 || f.PCMMD5 != hex.EncodeToString(sum[:]) {
				t.Errorf("described as %+v", f.File)
			}
		}
		if f.Kind != archive.KindRecording || f.Format != "flac" || f.Samples != "int" || f.FLAC != size {
			t.Errorf("described as %+v", f.File)
		}
		if note := f.Note != ""; note != (f.Name == "Album/deep") {
			t.Errorf("%s: note %q", f.Name, f.Note)
		}
	}
	e.Events = func(ev job.Event) {
		if p, ok := ev.(job.Progress); ok {
			progress += p.Added
			audio += int64(p.Audio)
		}
	}
	back := t.TempDir()
	summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	want, got := contents(t, source), contents(t, filepath.Join(back, "Album"))
	if !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
	length, total := int64(0), int64(0)
	for _, f := range entries {
		length += int64(f.Duration())
		total += f.Size
	}
	if progress != total || audio < length-1000 || audio > length {
		t.Errorf("progress of %d bytes and %d ns is told, want %d and %d", progress, audio, total, length)
	}
}

// TestExportOfFLACFiles makes the originals, or WAV files of their samples.
func TestExportOfFLACFiles(t *testing.T) {
	source, pcm := flacAlbum(t)
	archive := compress(t, engine(), source)
	dir, failures, _ := export(t, engine(), archive, "")
	if len(failures) != 1 || !strings.Contains(failures["Album/bad.flac"], "it was kept whole (it is FLAC") {
		t.Errorf("failed %v", failures)
	}
	for name, original := range map[string]string{"one.flac": "one.flac", "eight.FLAC": "eight.FLAC", "deep.flac": "deep"} {
		want, err := os.ReadFile(filepath.Join(source, original))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "Album", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: another file, %v", name, err)
		}
	}
	dir, failures, _ = export(t, engine(), archive, job.WAV)
	if len(failures) != 1 {
		t.Errorf("failed %v", failures)
	}
	b, err := os.ReadFile(filepath.Join(dir, "Album", "one.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if f, samples := readWAV(t, b); !bytes.Equal(f.PCM().Bytes(samples), pcm) {
		t.Error("the WAV file has other samples")
	}
}

// What a FLAC file says in words is in the WAV file made of it, under the names
// that programs look for there, and so are the speakers of its channels.
func TestExportOfFLACFilesToWAVKeepsTexts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	song, _ := flacWith(t, 8000, 16, 1, 1000, 10, []flac.Comment{
		{Name: "title", Value: "Étude"}, {Name: "ARTIST", Value: "A"}, {Name: "Artist", Value: "B"}, {Name: "ALBUM", Value: "Live"},
		{Name: "DATE", Value: "1998-05-02"}, {Name: "GENRE", Value: "Folk"}, {Name: "COMMENT", Value: "a = b"},
		{Name: "DESCRIPTION", Value: "loud"}, {Name: "artist", Value: "B"}, {Name: "TRACKNUMBER", Value: "7"}, {Name: "REPLAYGAIN_TRACK_GAIN", Value: "-7 dB"},
	}...)
	id3 := append([]byte("ID3\x04\x00\x00\x00\x00\x00\x1eTIT2\x00\x00\x00\x04\x00\x00\x03One"), make([]byte, 16)...)
	surround, _ := flacWith(t, 8000, 16, 6, 1000, 10, flac.Comment{Name: "X", Value: "y"})
	rear, _ := flacWith(t, 8000, 16, 4, 1000, 10, flac.Comment{Name: "WAVEFORMATEXTENSIBLE_CHANNEL_MASK", Value: "0x603"})
	for _, file := range []struct {
		name     string
		content  []byte
		texts    []recording.Tag
		speakers uint32
	}{
		{"song", song, []recording.Tag{
			{Name: "INAM", Text: "Étude"}, {Name: "IART", Text: "A; B"}, {Name: "IPRD", Text: "Live"}, {Name: "ICRD", Text: "1998-05-02"},
			{Name: "IGNR", Text: "Folk"}, {Name: "ICMT", Text: "a = b; loud"}, {Name: "IPRT", Text: "7"},
		}, 0},
		{"id3", append(id3, song...), []recording.Tag{
			{Name: "INAM", Text: "One"}, {Name: "IART", Text: "A; B"}, {Name: "IPRD", Text: "Live"}, {Name: "ICRD", Text: "1998-05-02"},
			{Name: "IGNR", Text: "Folk"}, {Name: "ICMT", Text: "a = b; loud"}, {Name: "IPRT", Text: "7"},
		}, 0},
		{"surround", surround, nil, 0x3F},
		{"rear", rear, nil, 0x603},
	} {
		writeFile(t, filepath.Join(dir, file.name+".flac"), file.content)
		out, failures, _ := export(t, engine(), compress(t, engine(), filepath.Join(dir, file.name+".flac")), job.WAV)
		b, err := os.ReadFile(filepath.Join(out, file.name+".wav"))
		if err != nil {
			t.Fatal(err, failures)
		}
		f, err := recording.Find(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := recording.Tags(bytes.NewReader(b), int64(len(b)), f.Spans)
		if err != nil || !slices.Equal(m.Tags, file.texts) || m.Speakers != file.speakers {
			t.Errorf("%s: the WAV file says %+v, %v", file.name, m, err)
		}
	}
}

// TestSalvageOfFLACFiles loses the head, which becomes another one, and a segment, which becomes silence.
func TestSalvageOfFLACFiles(t *testing.T) {
	const frames, lost = 1<<18 + 5000, 135168
	original, _ := flacOf(t, 8000, 16, 1, frames, 4096)
	_, want := readWAV(t, jobtest.WAV(8000, 16, 1, frames, 7))
	path := filepath.Join(t.TempDir(), "a.flac")
	writeFile(t, path, original)
	made := compress(t, engine(), path)
	sound, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	start := entryOf(t, made, 0)
	for name, test := range map[string]struct {
		at   int
		want string
	}{"head": {start + 40, "what is no audio"}, "segment": {start + 50_000, "the audio from 0:00:00.000"}} {
		damaged := slices.Clone(sound)
		damaged[test.at] ^= 4
		e := engine()
		e.Disk = memory{content: damaged}
		var reports []string
		e.Events = func(ev job.Event) {
			if f, ok := ev.(job.Failed); ok {
				reports = append(reports, f.Err.Error())
			}
		}
		back := t.TempDir()
		summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true})
		if err != nil || summary.Salvaged != 1 || len(reports) != 1 || !strings.Contains(reports[0], test.want) {
			t.Fatalf("%s: %d salvaged, error %v, %q", name, summary.Salvaged, err, reports)
		}
		saved := filepath.Join(back, "a (damaged).flac")
		want := slices.Clone(want[0])
		if name == "segment" {
			clear(want[:lost])
		}
		info, samples := readFLAC(t, saved)
		if info.SampleRate != 8000 || info.BitsPerSample != 16 || !slices.Equal(samples[0], want) {
			t.Errorf("%s: %d other samples were saved, and a head that says %+v", name, len(samples[0]), info)
		}
		if info.MD5sum != [16]byte{} {
			t.Errorf("%s: the MD5 is that of what is lost", name)
		}
	}
}

// TestFLACWithAnotherChecksum has files whose MD5 is right, unknown, and wrong, which is said.
func TestFLACWithAnotherChecksum(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	const md5Offset = 4 + 4 + 18
	for i, name := range []string{"right", "unknown", "wrong"} {
		file, _ := flacOf(t, 8000, 24, 2, 9000+i, 100)
		switch name {
		case "unknown":
			clear(file[md5Offset : md5Offset+16])
		case "wrong":
			file[md5Offset] ^= 1
		}
		writeFile(t, filepath.Join(dir, name+".flac"), file)
	}
	entries, _, err := engine().List(compress(t, engine(), dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries[1:] {
		want := ""
		if e.Name == "dir/wrong.flac" {
			want = "its audio is not what its own checksum (MD5) says: it was damaged or changed before it was archived"
		}
		if e.Kind != archive.KindRecording || e.Note != want {
			t.Errorf("%s is a %s, with the note %q", e.Name, e.Kind, e.Note)
		}
	}
}
