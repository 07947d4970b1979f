package archive_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// withCopies makes an archive of contents and copies of two of them.
func withCopies(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	makeArchive(t, path, func(w *archive.Writer) {
		if len(w.Files()) < len(contents) {
			return
		}
		for _, c := range contents[1:3] {
			f, _ := w.File(c.name)
			f.SameAs, f.Mode = c.name, 0o600
			f, err := w.Copy(c.name+" again", f)
			if err != nil {
				t.Fatal(err)
			}
			f.SameAs = f.Name
			if _, err := w.Copy("chain", f); err == nil {
				t.Error("a copy of a copy was accepted")
			}
		}
	})
	return path
}

// TestCopiesAreFound reads copies from a sound archive, one without its manifest,
// and one whose table of contents is damaged.
func TestCopiesAreFound(t *testing.T) {
	whole, err := os.ReadFile(withCopies(t))
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[bytes.LastIndex(damaged, []byte("sound.wav again"))] ^= 1
	for name, b := range map[string][]byte{
		"sound": whole, "damaged": damaged,
		"torn": whole[:bytes.Index(whole, []byte(".trilobyte/manifest"))-30],
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(disk.OS{}, path)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, e := range a.Entries() {
			original, ok := strings.CutSuffix(e.Name, " again")
			if !ok || e.Err != nil {
				continue
			}
			found++
			if e.Holder() == nil || e.Holder().Name != original || e.SameAs != original || e.Kind != e.Holder().Kind {
				t.Errorf("%s: the content of %s is that of %+v", name, e.Name, e.Holder())
			}
			if err := e.Check(context.Background()); err != nil {
				t.Errorf("%s: %s: %v", name, e.Name, err)
			}
			if e.Kind != archive.KindFile {
				continue
			}
			content, err := e.Content()
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(content); err != nil || string(b) != "text" {
				t.Errorf("%s: %s has %q, error %v", name, e.Name, b, err)
			}
		}
		if found != 2 {
			t.Errorf("%s: %d copies were found", name, found)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCopiesOfWhatIsLost damages the header of the original in a torn archive.
func TestCopiesOfWhatIsLost(t *testing.T) {
	whole, err := os.ReadFile(withCopies(t))
	if err != nil {
		t.Fatal(err)
	}
	torn := whole[:bytes.Index(whole, []byte(".trilobyte/manifest"))-30]
	torn[bytes.Index(torn, []byte("dir/sound.wav"))-28] ^= 1
	path := filepath.Join(t.TempDir(), "torn")
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, e := range a.Entries() {
		if lost := e.Name == "dir/sound.wav again"; lost != (e.Err != nil) {
			t.Errorf("%s: %v", e.Name, e.Err)
		}
	}
}
