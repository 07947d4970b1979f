package wastebasket

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMove(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	trash := filepath.Join(home, "data", "Trash")
	for i, inTrash := range []string{"My Album ä", "My Album ä.2"} {
		album := filepath.Join(home, "My Album ä")
		if err := os.Mkdir(album, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(album, "a.wav"), []byte{byte(i)}, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := Move(album); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(album); err == nil {
			t.Error("it is still there")
		}
		content, err := os.ReadFile(filepath.Join(trash, "files", inTrash, "a.wav"))
		if err != nil || len(content) != 1 || content[0] != byte(i) {
			t.Errorf("in the wastebasket: %v, %v", content, err)
		}
		info, err := os.ReadFile(filepath.Join(trash, "info", inTrash+".trashinfo"))
		if want := "Path=" + home + "/My%20Album%20%C3%A4\n"; err != nil || !strings.Contains(string(info), want) {
			t.Errorf("%s, %v: want %q", info, err, want)
		}
	}
}

func TestMoveWhatIsNotThere(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	if err := Move(filepath.Join(t.TempDir(), "gone")); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
}

func TestMoveOnAnotherDisk(t *testing.T) {
	const shm = "/dev/shm"
	dir, err := os.MkdirTemp(shm, "trilobyte")
	if err != nil {
		t.Skip("there is no second file system here")
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	here, err := os.Stat(os.Getenv("XDG_DATA_HOME"))
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if device(here) == device(there) {
		t.Skip("there is no second file system here")
	}
	file := filepath.Join(dir, "a.wav")
	if err := os.WriteFile(file, []byte("sound"), 0o666); err != nil {
		t.Fatal(err)
	}
	top, err := topOf(file, device(there))
	if err != nil {
		t.Fatal(err)
	}
	if err := Move(file); err != nil {
		t.Fatal(err)
	}
	matches, err := filepath.Glob(filepath.Join(top, ".Trash-*", "files", "a.wav*"))
	if err != nil || len(matches) == 0 {
		t.Fatalf("nothing in the wastebasket of %s: %v", top, err)
	}
	for _, m := range matches {
		os.Remove(m)
		os.Remove(infoFile(filepath.Dir(filepath.Dir(m)), filepath.Base(m)))
	}
}
