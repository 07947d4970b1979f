package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// FuzzManifest opens archives with any manifest, whose checksums are right, and
// with any bytes behind it.
func FuzzManifest(f *testing.F) {
	path := filepath.Join(f.TempDir(), "a")
	makeArchive(f, path, func(*archive.Writer) {})
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range z.File {
		if entry.Name != ".trilobyte/manifest" {
			continue
		}
		r, err := entry.Open()
		if err != nil {
			f.Fatal(err)
		}
		manifest, err := io.ReadAll(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(manifest, []byte(nil))
	}
	f.Add([]byte("\x08\x01\x18\x04\x9a\x01\x04\x00\xff\x7f\x80"), []byte("x"))
	f.Fuzz(func(t *testing.T, manifest, behind []byte) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, c := range contents {
			w, err := z.CreateRaw(&zip.FileHeader{Name: c.name, Method: c.method, CompressedSize64: uint64(len(c.data)), UncompressedSize64: uint64(len(c.data))})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, c.data); err != nil {
				t.Fatal(err)
			}
		}
		w, err := z.Create(".trilobyte/manifest")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(manifest); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, append(b.Bytes(), behind...), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(disk.OS{}, path)
		if err != nil {
			return
		}
		defer a.Close()
		for _, e := range a.Entries() {
			if e.Err == nil && archive.CheckName(e.Name) != nil {
				t.Errorf("%q is allowed", e.Name)
			}
			e.Check(context.Background())
			r, err := e.Compressed()
			if err == nil && r.Size() > int64(b.Len()+len(behind)) {
				t.Errorf("%s has %d bytes in an archive of %d", e.Name, r.Size(), b.Len()+len(behind))
			}
			if c, err := e.Content(); err == nil {
				io.Copy(io.Discard, c)
			}
		}
	})
}
