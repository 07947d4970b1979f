package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// sparse is a disk with one file, which takes no memory where it is zero.
type sparse struct {
	disk.OS
	file *sparseFile
}

func (s sparse) Create(string, fs.FileMode) (disk.File, error) { return s.file, nil }
func (s sparse) Open(string) (disk.File, error)                { return s.file, nil }

const sparseBlock = 1 << 16

type sparseFile struct {
	disk.File // of no use: what is not overridden here panics
	blocks    map[int64]*[sparseBlock]byte
	size      int64
}

func (f *sparseFile) WriteAt(p []byte, off int64) (int, error) {
	f.size = max(f.size, off+int64(len(p)))
	for n := 0; n < len(p); {
		at := off + int64(n)
		end := n + int(min(int64(len(p)-n), sparseBlock-at%sparseBlock))
		if block := f.blocks[at/sparseBlock]; block != nil || bytes.Count(p[n:end], []byte{0}) != end-n {
			if block == nil {
				block = new([sparseBlock]byte)
				f.blocks[at/sparseBlock] = block
			}
			copy(block[at%sparseBlock:], p[n:end])
		}
		n = end
	}
	return len(p), nil
}

func (f *sparseFile) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off+int64(n) < f.size {
		at := off + int64(n)
		end := n + int(min(int64(len(p)-n), sparseBlock-at%sparseBlock, f.size-at))
		clear(p[n:end])
		if block := f.blocks[at/sparseBlock]; block != nil {
			copy(p[n:end], block[at%sparseBlock:])
		}
		n = end
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *sparseFile) Truncate(size int64) error  { f.size = size; return nil }
func (f *sparseFile) Sync() error                { return nil }
func (f *sparseFile) Close() error               { return nil }
func (f *sparseFile) Stat() (fs.FileInfo, error) { return sizeInfo(f.size), nil }

type sizeInfo int64

func (sizeInfo) Name() string       { return "sparse" }
func (i sizeInfo) Size() int64      { return int64(i) }
func (sizeInfo) Mode() fs.FileMode  { return 0o600 }
func (sizeInfo) ModTime() time.Time { return time.Time{} }
func (sizeInfo) IsDir() bool        { return false }
func (sizeInfo) Sys() any           { return nil }

// TestOver4GiB has an entry, and one behind it, that need the 64-bit sizes and
// offsets of ZIP.
func TestOver4GiB(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 4 GiB into memory that is mostly not there")
	}
	d := sparse{file: &sparseFile{blocks: map[int64]*[sparseBlock]byte{}}}
	w, err := archive.Create(d, t.TempDir()+"/a", [32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("1", 64) // is not looked at here
	const size = 1<<32 + 12345
	e, err := w.Begin("large", archive.KindFile, size)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for left := int64(size); left > 0; {
		n, err := e.Write(zeros[:min(left, 1<<20)])
		if err != nil {
			t.Fatal(err)
		}
		left -= int64(n)
	}
	if _, err := e.Commit(zip.Store, archive.File{CRC32: 77, SHA256: sum}); err != nil {
		t.Fatal(err)
	}
	add(t, w, content{"small", archive.KindFile, zip.Store, "behind it"})
	// Nearly 4 GiB: the local header has room for sizes that are not needed.
	if e, err = w.Begin("promised", archive.KindFile, 1<<32-2); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write([]byte("compressed")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Commit(zip.Deflate, archive.File{SHA256: sum}); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(nil, true); err != nil {
		t.Fatal(err)
	}

	a, err := archive.Open(d, "a")
	if err != nil || len(a.Damage()) > 0 {
		t.Fatal(err, a.Damage())
	}
	for _, e := range a.Entries() {
		if err := e.Check(context.Background()); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	// The same with archive/zip alone.
	z, err := zip.NewReader(d.file, d.file.size)
	if err != nil {
		t.Fatal(err)
	}
	if got := z.File[0].UncompressedSize64; got != size {
		t.Errorf("the large entry has %d bytes, want %d", got, int64(size))
	}
	if got := z.File[2].UncompressedSize64; got != 1<<32-2 {
		t.Errorf("the promised entry has %d bytes", got)
	}
	offset, err := z.File[1].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	behind := make([]byte, len("behind it"))
	if _, err := d.file.ReadAt(behind, offset); err != nil || string(behind) != "behind it" {
		t.Errorf("the small entry has %q, error %v", behind, err)
	}
}
