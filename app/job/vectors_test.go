package job_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/codec"
)

var update = flag.Bool("update", false, "write the archives of the vectors anew")

// vectors is the folder with archives and what is in them. Other decoders are tested with them, too.
const vectors = "../../testdata/vectors"

// vectorArchive is an element of archives.json.
type vectorArchive struct {
	File  string            `json:"file"`
	Shows string            `json:"shows"`
	Files map[string]string `json:"files"` // SHA-256 by name; "" for folders
}

// TestVectors makes sure that the archives of testdata/vectors hold the originals. The model is not in them, but built in.
func TestVectors(t *testing.T) {
	if *update {
		writeArchives(t)
	}
	engine := vectorEngine(t)
	for _, v := range readArchives(t) {
		path, dir := filepath.Join(vectors, v.File), t.TempDir()
		if _, err := engine.Verify(context.Background(), path); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: dir}); err != nil {
			t.Fatal(err)
		}
		got := checksums(t, dir)
		if want := checksums(t, vectorOriginals(t, v)); !maps.Equal(got, want) {
			t.Errorf("%s is restored as %v, but the originals are %v", v.File, got, want)
		}
		if !maps.Equal(got, v.Files) {
			t.Errorf("%s is restored as %v, want %v", v.File, got, v.Files)
		}
	}
}

// writeArchives archives the originals anew, and puts their checksums into archives.json.
func writeArchives(t *testing.T) {
	engine, list := vectorEngine(t), readArchives(t)
	for i, v := range list {
		dir, path := vectorOriginals(t, v), filepath.Join(t.TempDir(), v.File)
		paths := []string{filepath.Join(dir, v.name())}
		if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: paths, Archive: path, Verify: true}); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(vectors, v.File), data, 0o644); err != nil {
			t.Fatal(err)
		}
		list[i].Files = checksums(t, dir)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(list); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(vectors, "archives.json"), text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readArchives(t *testing.T) (list []vectorArchive) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, "archives.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there is no archive")
	}
	return list
}

// name is that of the folder in the archive, and below testdata/vectors/originals.
func (v vectorArchive) name() string { return strings.TrimSuffix(v.File, ".trilobyte") }

// vectorOriginals copies the originals of an archive into a new folder, with the same times and permissions each time, and the
// link in album, which not every disk can hold.
func vectorOriginals(t *testing.T, v vectorArchive) string {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, v.name())
	if err := os.CopyFS(root, os.DirFS(filepath.Join(vectors, "originals", v.name()))); err != nil {
		t.Fatal(err)
	}
	if v.name() == "album" {
		if err := os.Symlink("../01 stereo.wav", filepath.Join(root, "notes", "link")); err != nil {
			t.Fatal(err)
		}
	}
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSymlink == 0 {
			paths = append(paths, path)
			mode := fs.FileMode(0o644)
			if d.IsDir() {
				mode = 0o755
			}
			err = os.Chmod(path, mode)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_706_918_400, 0)
	for _, path := range paths {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func vectorEngine(t *testing.T) *job.Engine {
	t.Helper()
	return &job.Engine{Codec: vectorCodec(t), Events: func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			t.Errorf("%s %s: %v", f.Phase, f.Name, f.Err)
		}
	}}
}

func vectorCodec(t *testing.T) job.Codec {
	t.Helper()
	file, err := codec.Preset(codec.DefaultPreset)
	if err != nil {
		t.Fatal(err)
	}
	m, err := codec.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return job.Codec{Coder: codec.NewCoder(m), Model: file, BuiltIn: codec.BuiltIn()}
}

// checksums returns the SHA-256 of all files in dir and of the targets of links, by name; folders have "".
func checksums(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		var content []byte
		switch {
		case d.IsDir():
			sums[name] = ""
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			content = []byte(filepath.ToSlash(target))
		default:
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		sum := sha256.Sum256(content)
		sums[name] = hex.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}
