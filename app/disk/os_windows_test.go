package disk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"trilobyte/app/disk"
)

// folder makes a folder, which testing could not remove in Wine 8.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "trilobyte-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestWindowsRemovesInAFolder removes one of two names of a file, which may be
// read-only, and a folder, but none that is not empty.
func TestWindowsRemovesInAFolder(t *testing.T) {
	dir := folder(t)
	root, err := disk.OS{}.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, mode := range []os.FileMode{0o600, 0o400} {
		name, other := fmt.Sprintf("%o", mode), fmt.Sprintf("%o again", mode)
		write(t, filepath.Join(dir, name), "content")
		if err := errors.Join(root.Chmod(name, mode), root.Link(name, other), root.Remove(name)); err != nil {
			t.Fatal(err)
		}
		if _, err := root.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
		if info, err := root.Lstat(other); err != nil || info.Mode()&0o200 != mode&0o200 {
			t.Errorf("its other name: %v, %v", info, err)
		}
		if err := root.Chmod(other, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(root.Mkdir("full", 0o777), root.Mkdir("full/empty", 0o777)); err != nil {
		t.Fatal(err)
	}
	if err := root.Remove("full"); err == nil {
		t.Error("a folder that is not empty was removed")
	}
	if err := errors.Join(root.Remove("full/empty"), root.Remove("full")); err != nil {
		t.Error(err)
	}
}

// TestWindowsWaitsForOtherPrograms has another program, such as a virus
// scanner, keep a file for itself for a moment.
func TestWindowsWaitsForOtherPrograms(t *testing.T) {
	dir := folder(t)
	name := filepath.Join(dir, "a")
	write(t, name, "content")
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := windows.CreateFile(path, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = disk.OS{}.Open(name)
	if disk.RemedyOf(err) != disk.CloseProgram {
		t.Errorf("error %v has the remedy %d", err, disk.RemedyOf(err))
	}
	time.AfterFunc(50*time.Millisecond, func() { windows.CloseHandle(alone) })
	if err := (disk.OS{}).Rename(name, name+"2"); err != nil {
		t.Error(err)
	}
}

// TestWindowsHidesFiles has a file hidden, whose time stays.
func TestWindowsHidesFiles(t *testing.T) {
	name, modified := filepath.Join(folder(t), "a"), time.Unix(1_000_000_000, 0)
	file, err := disk.OS{}.Create(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := os.Chtimes(name, modified, modified); err != nil {
		t.Fatal(err)
	}
	if info, err := file.Stat(); err != nil || disk.IsHidden(info) {
		t.Errorf("a new file is hidden, or %v", err)
	}
	if err := file.Hide(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(name); err != nil || !disk.IsHidden(info) || !info.ModTime().Equal(modified) {
		t.Errorf("it is not hidden, or has the time %v: %v", info, err)
	}
}

func TestWindowsErrorsHaveRemedies(t *testing.T) {
	for err, want := range map[error]disk.Remedy{
		windows.ERROR_DISK_FULL:            disk.FreeSpace,
		windows.ERROR_CRC:                  disk.SaveTheDisk,
		windows.ERROR_WRITE_PROTECT:        disk.WritablePlace,
		windows.ERROR_ACCESS_DENIED:        disk.AllowAccess,
		windows.ERROR_FILENAME_EXCED_RANGE: disk.ShorterName,
		windows.ERROR_TOO_MANY_OPEN_FILES:  disk.FewerOpenFiles,
		windows.ERROR_LOCK_VIOLATION:       disk.CloseProgram,
		windows.ERROR_FILE_NOT_FOUND:       disk.NoRemedy,
	} {
		if got := disk.RemedyOf(&os.PathError{Op: "open", Path: "a", Err: err}); got != want {
			t.Errorf("%v has the remedy %d, want %d", err, got, want)
		}
	}
}
