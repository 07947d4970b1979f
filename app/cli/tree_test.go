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
		return fmt.Sprint(info.Mode(), info.ModTime().UTC()), nil
	}
	b, err := os.ReadFile(path)
	return fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime().UTC(), sha256.Sum256(b)), err
}
