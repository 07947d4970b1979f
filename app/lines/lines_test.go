package lines

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/disk"
)

func opened(t *testing.T, path string, most int) ([]string, *Book[string]) {
	t.Helper()
	things, b, err := Open[string](disk.OS{}, path, most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return things, b
}

// TestBook keeps things over several runs, in spite of a crash, and no more than it is to.
func TestBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.jsonl")
	things, b := opened(t, path, 10)
	if len(things) > 0 {
		t.Errorf("a new book has %q", things)
	}
	for _, thing := range []string{"a", "b\n\"", "c"} {
		if err := b.Add(thing); err != nil {
			t.Fatal(err)
		}
	}
	if _, second, err := Open[string](disk.OS{}, path, 10); !errors.Is(err, disk.ErrLocked) || second != nil {
		t.Errorf("a second program gets the book: %v", err)
	}
	b.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, `"tor`...), 0o600); err != nil {
		t.Fatal(err)
	}
	things, b = opened(t, path, 10)
	if want := []string{"a", "b\n\"", "c"}; !slices.Equal(things, want) {
		t.Errorf("there is %q, want %q", things, want)
	}
	if err := b.Add("d"); err != nil {
		t.Fatal(err)
	}
	b.Close()
	things, b = opened(t, path, 2)
	b.Close()
	if want := []string{"d"}; !slices.Equal(things, want) {
		t.Errorf("after a crash, of at most 2 there is %q, want %q", things, want)
	}
	if things, _ = opened(t, path, 2); !slices.Equal(things, []string{"d"}) {
		t.Errorf("after that there is %q", things)
	}
}

func TestNoBook(t *testing.T) {
	_, b, err := Open[int](disk.OS{}, filepath.Join(t.TempDir(), "no", "folder"), 1)
	if err == nil || b != nil {
		t.Errorf("there is a book where there is no folder: %v", err)
	}
	if err := errors.Join(b.Add(1), b.Sync(), b.Close()); err != nil {
		t.Error(err)
	}
}
