// Kinds writes the files that the golden archive of the preset default has of all kinds: excerpts of the demo in all
// kinds of files and samples, odd files, and those of the test vectors. Each of them is the same on every machine.
//
// usage: go run ./testdata/golden/kinds FOLDER     (in the root of the repository)
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// modified is the modification time of all files.
var modified = time.Unix(1_706_918_400, 0)

// frames is how long excerpts are that need not be longer for anything.
const frames = 1000

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./testdata/golden/kinds FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write writes all files below dir.
func write(dir string) error {
	sounds, err := demo()
	if err != nil {
		return err
	}
	for _, folder := range []string{"flac", "copies", "floats"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS("testdata/vectors/originals/"+folder)); err != nil {
			return err
		}
	}
	files := slices.Concat(kinds(sounds), odd(), long(sounds), []file{{"other/notes.txt", []byte("Not a recording.\n")}, {"other/empty.wav", nil}})
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.content, 0o644)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty folder"), 0o755); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		mode := fs.FileMode(0o644)
		if err == nil && d.IsDir() {
			mode = 0o755
		}
		return errors.Join(err, os.Chmod(path, mode), os.Chtimes(path, modified, modified))
	})
}

// file is a file to be written, with its name below the folder.
type file struct {
	name    string
	content []byte
}

// demo returns the channels of the demo's sounds of 16 bits, of two seconds or more each.
func demo() ([][]int32, error) {
	var all [][]int32
	for _, name := range []string{"music/piano", "speech/reading", "birds/field", "birds/song"} {
		_, samples, err := recordingtest.Read(filepath.Join("testdata/demo", filepath.FromSlash(name)+".wav"))
		if err != nil {
			return nil, err
		}
		all = append(all, samples...)
	}
	return all, nil
}

// kinds are files of all containers and all kinds of samples, of excerpts that differ.
func kinds(sounds [][]int32) []file {
	var files []file
	for i, k := range []struct {
		container, extension string
		format               recording.Format
	}{
		{"wav", "wav", recording.Format{Channels: 1, Width: 1, ValidBits: 8}},
		{"wav", "wav", recording.Format{Channels: 2, Width: 2, ValidBits: 16}},
		{"wav", "wav", recording.Format{Channels: 8, Width: 2, ValidBits: 16}},
		{"wav", "wav", recording.Format{Channels: 1, Width: 4, ValidBits: 32}},
		{"wav", "wav", recording.Format{Channels: 1, Width: 1, ValidBits: 8, Kind: recording.MuLaw}},
		{"wav", "wav", recording.Format{Channels: 2, Width: 4, ValidBits: 32, Kind: recording.Float}},
		{"rifx", "wav", recording.Format{Channels: 1, Width: 3, ValidBits: 24}},
		{"rf64", "wav", recording.Format{Channels: 1, Width: 2, ValidBits: 16}},
		{"w64", "w64", recording.Format{Channels: 2, Width: 3, ValidBits: 24}},
		{"w64", "w64", recording.Format{Channels: 1, Width: 8, ValidBits: 64, Kind: recording.Float}},
		{"aiff", "aiff", recording.Format{Channels: 2, Width: 2, ValidBits: 16}},
		{"aiff", "aiff", recording.Format{Channels: 1, Width: 1, ValidBits: 8}},
		{"aifc", "aifc", recording.Format{Channels: 1, Width: 2, ValidBits: 16}},
		{"aifc", "aifc", recording.Format{Channels: 1, Width: 1, ValidBits: 8, Kind: recording.ALaw}},
		{"caf", "caf", recording.Format{Channels: 2, Width: 3, ValidBits: 24}},
		{"caf", "caf", recording.Format{Channels: 1, Width: 4, ValidBits: 32, Kind: recording.Float, BigEndian: true}},
		{"au", "au", recording.Format{Channels: 1, Width: 2, ValidBits: 16}},
		{"au", "au", recording.Format{Channels: 2, Width: 1, ValidBits: 8, Kind: recording.MuLaw}},
	} {
		f, ok := recordingtest.Stored(k.container, k.format)
		if !ok {
			panic("no " + k.container + " file can hold such samples")
		}
		f.SampleRate = 44100
		samples := make([][]int32, f.Channels)
		for c := range samples {
			samples[c] = sounds[c%len(sounds)][frames*(i+1):][:frames]
		}
		name := fmt.Sprintf("kinds/%02d %s %s %d.%s", i+1, k.container, f.Kind, f.Width, k.extension)
		files = append(files, file{name, recordingtest.File(k.container, f, stored(f, samples))})
	}
	return files
}

// stored returns samples of 16 bits as a format has them. Those that have room for more bits get some that are like noise.
func stored(f recording.Format, samples [][]int32) []byte {
	switch {
	case f.Kind == recording.Float && f.Width == 4:
		return f.FromBits32(each(samples, func(v int32) uint32 { return math.Float32bits(float32(v) / 32768 * 0.7) }))
	case f.Kind == recording.Float:
		return f.FromBits64(each(samples, func(v int32) uint64 { return math.Float64bits(float64(v) / 32767) }))
	case f.Kind != recording.Integer:
		values := f.Kind.Values()[:]
		return f.Bytes(each(samples, func(v int32) int32 {
			return int32(min(sort.Search(len(values), func(i int) bool { return values[i] >= v/4 }), 255)) - 128
		}))
	case f.Width == 1:
		return f.Bytes(each(samples, func(v int32) int32 { return v >> 8 }))
	}
	more := 8 * (f.Width - 2)
	return f.Bytes(each(samples, func(v int32) int32 { return v<<more | v*7919>>4&(1<<more-1) }))
}

// each returns a function of each sample.
func each[T any](samples [][]int32, of func(int32) T) [][]T {
	out := make([][]T, len(samples))
	for c, s := range samples {
		for _, v := range s {
			out[c] = append(out[c], of(v))
		}
	}
	return out
}

// odd are files that programs leave behind, some of which are kept whole.
func odd() []file {
	var files []file
	for _, c := range recordingtest.Cases() {
		if slices.Contains([]string{
			"extensible-20-in-24", "255-channels", "metadata-before-and-after", "two-data-chunks", "never-finalised",
			"size-ffffffff-streamed", "aiff-in-macbinary", "caf-streamed", "rf64-truncated", "adpcm-ima", "mp3-in-wav",
		}, c.Name) {
			files = append(files, file{"odd/" + c.Name + "." + c.Container, c.Bytes})
		}
	}
	return files
}

// long are recordings that are long enough for what repeats and for tones to be looked for.
func long(sounds [][]int32) []file {
	const frames = 17000
	f := recording.Format{Channels: 1, SampleRate: 44100, Width: 2, ValidBits: 16}
	loop := slices.Repeat(sounds[2][:5000], 4)[:frames]
	slow, theme := f, sounds[0][:2500] // kept once in recordings of more than a quarter of an hour
	slow.SampleRate = 5
	again := slices.Concat(theme, sounds[1][:200], theme, theme)
	return []file{
		{"long/again.wav", recordingtest.WAV(slow, [][]int32{again})},
		{"long/loop.wav", recordingtest.WAV(f, [][]int32{loop})},
		{"long/string.wav", recordingtest.WAV(f, [][]int32{sounds[0][frames : 2*frames]})},
	}
}
