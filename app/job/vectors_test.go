package job_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/codec"
)

// TestVectors restores the archives of testdata/vectors. The model is not in them, but built in.
func TestVectors(t *testing.T) {
	const vectors = "../../testdata/vectors"
	var list struct {
		Archives []struct {
			File  string            `json:"file"`
			Files map[string]string `json:"files"` // SHA-256 by name; "" for folders
		} `json:"archives"`
	}
	text, err := os.ReadFile(filepath.Join(vectors, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	engine := job.Engine{Codec: vectorCodec(t), Events: func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			t.Errorf("%s %s: %v", f.Phase, f.Name, f.Err)
		}
	}}
	if len(list.Archives) == 0 {
		t.Error("there is no archive")
	}
	for _, v := range list.Archives {
		path, dir := filepath.Join(vectors, v.File), t.TempDir()
		if _, err := engine.Verify(context.Background(), path); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: dir}); err != nil {
			t.Fatal(err)
		}
		if got := checksums(t, dir); !maps.Equal(got, v.Files) {
			t.Errorf("%s is restored as %v, want %v", v.File, got, v.Files)
		}
	}
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
