package job_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// mount mounts a file system in memory of so many bytes, and returns its path.
func mount(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("SKIPPED: a real full disk, because mounting a tmpfs is not allowed here (%v)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestRealFullDisk compresses and restores to a file system that is too small,
// and then makes room.
func TestRealFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("TestFullDisk does the same, on a disk that says that it is full")
	}
	source := filepath.Join(t.TempDir(), "Album")
	for i, name := range []string{"1.wav", "2.wav", "3.wav"} {
		writeFile(t, filepath.Join(source, name), jobtest.WAV(44100, 16, 2, 100_000, uint64(i)))
	}
	before := contents(t, source)
	sound := compress(t, engine(), source)
	ballast := func(full string, size int) string {
		name := filepath.Join(full, "ballast")
		if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	t.Run("compress", func(t *testing.T) {
		full := mount(t, "2m")
		more := ballast(full, 1500<<10)
		out := filepath.Join(full, "out.trilobyte")
		_, report := run(engine(), compressTo(source, out))
		if !isNamed(report, "out.trilobyte: no space left on device") {
			t.Fatalf("it reported %q", report)
		}
		if left := contents(t, full); len(left) != 2 {
			t.Errorf("it left %v", left)
		}
		if err := os.Remove(more); err != nil {
			t.Fatal(err)
		}
		if _, report := run(engine(), compressTo(source, out)); report != "" {
			t.Error(report)
		}
	})
	t.Run("restore", func(t *testing.T) {
		full := mount(t, "2m")
		more := ballast(full, 1<<20)
		summary, report := run(engine(), restoreTo(sound, full))
		if summary.Failed != 1 || !isNamed(report, "Album/3.wav: ") || !canBeHelped(report) {
			t.Fatalf("%d failed: %q", summary.Failed, report)
		}
		noTemporaries(t, full)
		if err := os.Remove(more); err != nil {
			t.Fatal(err)
		}
		if _, report := run(engine(), restoreTo(sound, full)); report != "" {
			t.Error(report)
		}
		got := contents(t, filepath.Join(full, "Album"))
		for name, description := range before {
			if name != "." && got[name] != description {
				t.Errorf("%s was restored as %s, want %s", name, got[name], description)
			}
		}
	})
}

// TestReadOnlyDisk has a file system that cannot be written to.
func TestReadOnlyDisk(t *testing.T) {
	source := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, source, jobtest.WAV(8000, 16, 1, 10, 1))
	full := mount(t, "1m")
	if err := syscall.Mount("none", full, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("SKIPPED: a real disk that cannot be written to (%v)", err)
	}
	out := filepath.Join(full, "out.trilobyte")
	_, err := engine().Compress(context.Background(), job.CompressOptions{Paths: []string{source}, Archive: out})
	if !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "out.trilobyte: read-only file system") {
		t.Errorf("error %v", err)
	}
}
