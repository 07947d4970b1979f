package cli_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func timeOf(seconds int64) time.Time { return time.Unix(seconds, 123456789) }

// tree describes all that is in a folder, by name.
func tree(ts *testscript.TestScript, dir string) map[string]string {
	found := map[string]string{}
	ts.Check(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == "." {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		found[name], err = describe(path, info)
		return err
	}))
	return found
}

func describe(path string, info fs.FileInfo) (string, error) {
	switch {
	case info.Mode().Type() == fs.ModeSymlink:
		target, err := os.Readlink(path)
		return "a link to " + target, err
	case info.IsDir():
		return attributes(info), nil
	}
	b, err := os.ReadFile(path)
	return fmt.Sprintf("%s %x", attributes(info), sha256.Sum256(b)), err
}

// attributes describes the mode and the time of a file, as far as Windows has
// them where it is Windows that is tested.
func attributes(info fs.FileInfo) string {
	mode, modified := info.Mode(), info.ModTime().UTC()
	if wine {
		const ownerMayWrite = 0o200
		mode &= fs.ModeType | ownerMayWrite
		modified = modified.Truncate(100 * time.Nanosecond)
	}
	return fmt.Sprint(mode, modified)
}
