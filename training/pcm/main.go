// Command pcm turns a folder tree of WAV and FLAC files into one file of plain samples.
//
//	pcm -o FOLDER DATA
//
// FOLDER/samples.i32 has the samples of all files, little-endian int32: of each file the first channel, then the second,
// and so on. FOLDER/files.json says what they are, in the same order. The files are sorted by name, so that the same
// DATA gives the same bytes.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"trilobyte/training/sound"
)

// file describes one recording in files.json.
type file struct {
	Name     string `json:"name"` // below DATA, with slashes
	Bits     int    `json:"bits"` // of a sample
	Channels int    `json:"channels"`
	Frames   int    `json:"frames"`
	Part     byte   `json:"part"` // one of 256, by the hash of the name as in rows: trainers hold some out
}

// all is more samples than any file has.
const all = 1 << 40

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "folder to write to")
	flag.Parse()
	if *out == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out, flag.Arg(0)); err != nil {
		log.Fatal("pcm: ", err)
	}
}

func run(out, data string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(out, "samples.i32"))
	if err != nil {
		return err
	}
	samples := bufio.NewWriterSize(f, 1<<20)
	files, err := write(samples, data)
	if err = errors.Join(err, samples.Flush(), f.Close()); err != nil {
		return err
	}
	list, err := json.Marshal(files)
	if err != nil {
		return err
	}
	fmt.Printf("%d files\n", len(files))
	return os.WriteFile(filepath.Join(out, "files.json"), list, 0o666)
}

// write writes the samples of all files below data.
func write(w *bufio.Writer, data string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !sound.IsAudio(path) {
			return err
		}
		name, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		s, err := sound.Read(path, all)
		if err != nil {
			log.Printf("pcm: %s is left out: %v", path, err)
			return nil
		}
		files = append(files, describe(filepath.ToSlash(name), s))
		for _, channel := range s.Samples {
			if err := binary.Write(w, binary.LittleEndian, channel); err != nil {
				return err
			}
		}
		return nil
	})
	return files, err
}

func describe(name string, s *sound.Sound) file {
	h := fnv.New64a()
	h.Write([]byte(name))
	return file{name, s.Bits, len(s.Samples), len(s.Samples[0]), byte(h.Sum64() >> 32)}
}
