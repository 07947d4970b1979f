package job_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"runtime"
	"testing"
	"time"

	"trilobyte/app/disk"
)

// memory is a disk on which every file that is opened has the same content.
type memory struct {
	disk.OS
	content []byte
}

func (m memory) Open(string) (disk.File, error) {
	return &memoryFile{Reader: bytes.NewReader(m.content)}, nil
}

type memoryFile struct {
	disk.File // of no use: what is not overridden here panics
	*bytes.Reader
}

func (f *memoryFile) Read(p []byte) (int, error)              { return f.Reader.Read(p) }
func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) { return f.Reader.ReadAt(p, off) }
func (f *memoryFile) Close() error                            { return nil }
func (f *memoryFile) Stat() (fs.FileInfo, error)              { return memoryInfo(f.Reader.Size()), nil }

// memoryInfo is the size of a file.
type memoryInfo int64

func (memoryInfo) Name() string       { return "memory" }
func (i memoryInfo) Size() int64      { return int64(i) }
func (memoryInfo) Mode() fs.FileMode  { return 0o600 }
func (memoryInfo) ModTime() time.Time { return time.Time{} }
func (memoryInfo) IsDir() bool        { return false }
func (memoryInfo) Sys() any           { return nil }

// allocated returns how many bytes of memory a function allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// manyEntries makes an archive of so many empty files, and one that makes it one
// of ours.
func manyEntries(t *testing.T, count int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range count {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("d%d/%d", i%1000, i)}); err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create(".trilobyte/manifest")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
