package job_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

// owners returns the name of the entry that each byte of an archive belongs to,
// its local header included. It is "" for what is the archive's own.
func owners(t *testing.T, b []byte) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	owner := make([]string, len(b))
	start := int64(0)
	for _, f := range z.File {
		offset, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		end := offset + int64(f.CompressedSize64)
		for i := start; i < end && !strings.HasPrefix(f.Name, ".trilobyte/"); i++ {
			owner[i] = strings.TrimSuffix(f.Name, "/")
		}
		start = end
	}
	return owner
}
