package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/disk"
)

// noLinks is a file system without hard links, like FAT.
type noLinks struct{ disk.OS }

func (noLinks) Link(oldName, newName string) error {
	return &os.LinkError{Op: "link", Old: oldName, New: newName, Err: errors.ErrUnsupported}
}

func TestPublish(t *testing.T) {
	for name, d := range map[string]disk.FS{"hard links": disk.OS{}, "no hard links": noLinks{}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			temp, final := filepath.Join(dir, disk.TempName()), filepath.Join(dir, "final")
			write(t, temp, "new")
			if err := disk.Publish(d, temp, final); err != nil {
				t.Fatal(err)
			}
			if got := read(t, final); got != "new" {
				t.Errorf("the final file has %q", got)
			}
			if _, err := os.Lstat(temp); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the temporary name is still there: %v", err)
			}
		})
		t.Run(name+", the name is taken", func(t *testing.T) {
			dir := t.TempDir()
			temp, final := filepath.Join(dir, disk.TempName()), filepath.Join(dir, "final")
			write(t, temp, "new")
			write(t, final, "old")
			if err := disk.Publish(d, temp, final); !errors.Is(err, fs.ErrExist) {
				t.Errorf("error %v, want fs.ErrExist", err)
			}
			if got := read(t, final); got != "old" {
				t.Errorf("the file that was there has become %q", got)
			}
		})
	}
}

func TestTempNamesAreHiddenAndDiffer(t *testing.T) {
	a, b := disk.TempName(), disk.TempName()
	if a == b || !strings.HasPrefix(a, ".trilobyte-") || !strings.HasSuffix(a, ".tmp") {
		t.Errorf("temporary names %q and %q", a, b)
	}
}

func TestRootCannotBeLeft(t *testing.T) {
	outside := t.TempDir()
	inside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(inside, "link")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	r, err := disk.OS{}.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, name := range []string{"../x", "link/x", "/x"} {
		if f, err := r.Create(name, 0o666); err == nil {
			f.Close()
			t.Errorf("%s was created", name)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
