package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// bundleMethod is the method of bundles.
const bundleMethod = 21332

// fuzzedShots share a bundle.
var fuzzedShots = shots("kit/hit %d.wav", 5)

// writeBundle writes a bundle of them that has these bytes, with their checksum.
func writeBundle(t *testing.T, z *zip.Writer, bundle []byte) {
	t.Helper()
	h := &zip.FileHeader{Name: ".trilobyte/bundle/1", Method: bundleMethod, CompressedSize64: uint64(len(bundle))}
	for _, c := range fuzzedShots {
		h.UncompressedSize64 += uint64(len(c.data))
	}
	if size, n := binary.Uvarint(bundle); n > 0 && size>>1 <= uint64(len(bundle)-n) {
		h.CRC32 = crc32.ChecksumIEEE(bundle[:n+int(size>>1)])
	}
	w, err := z.CreateRaw(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bundle); err != nil {
		t.Fatal(err)
	}
}

// shotsBundle returns the content of the bundle in an archive.
func shotsBundle(t testing.TB, z *zip.Reader) []byte {
	t.Helper()
	for _, f := range z.File {
		if f.Method != bundleMethod {
			continue
		}
		r, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Fatal("there is none")
	return nil
}

// FuzzManifest opens archives with any manifest and any bundle, whose checksums are
// right, and with any bytes behind them.
func FuzzManifest(f *testing.F) {
	path := filepath.Join(f.TempDir(), "a")
	makeArchive(f, path, func(w *archive.Writer) {
		if len(w.Files()) < len(contents) {
			return
		}
		for _, c := range fuzzedShots {
			add(f, w, c)
		}
	})
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		f.Fatal(err)
	}
	bundle := shotsBundle(f, z)
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
		f.Add(manifest, []byte(nil), bundle)
		f.Add(manifest[:len(manifest)/2], []byte(nil), bundle)
	}
	f.Add([]byte("\x08\x01\x18\x04\x9a\x01\x04\x00\xff\x7f\x80"), []byte("x"), []byte(nil))
	f.Fuzz(func(t *testing.T, manifest, behind, bundle []byte) {
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
		if len(bundle) > 0 {
			writeBundle(t, z, bundle)
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
