package instance

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTheSecondHandsOver starts twice, also where the path of the socket would be too long, and with names that are no text.
func TestTheSecondHandsOver(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("long", 30))} {
		first, err := Join(dir, nil)
		if err != nil || first == nil {
			t.Fatalf("the first is %v, %v", first, err)
		}
		got := make(chan []string, 1)
		first.Serve(func(paths []string) bool {
			got <- paths
			return true
		})
		want := []string{filepath.Join(dir, "a b.trilobyte"), filepath.Join(dir, "\xff\n.wav")}
		second, err := Join(dir, want)
		if err != nil || second != nil {
			t.Fatalf("the second is %v, %v", second, err)
		}
		if paths := <-got; !slices.Equal(paths, want) {
			t.Errorf("%q were handed over, want %q", paths, want)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 1 {
			t.Errorf("left behind: %q", left)
		}
	}
}

// TestRelativePathsAreHandedOverWhole: the other program works elsewhere.
func TestRelativePathsAreHandedOverWhole(t *testing.T) {
	dir := t.TempDir()
	first, err := Join(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	got := make(chan []string, 1)
	first.Serve(func(paths []string) bool {
		got <- paths
		return true
	})
	if _, err := Join(dir, []string{"here.trilobyte"}); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if paths := <-got; !slices.Equal(paths, []string{filepath.Join(folder, "here.trilobyte")}) {
		t.Errorf("handed over: %q", paths)
	}
}

// TestAfterOneThatIsClosed waits for a window that is being closed and takes nothing more, and takes its place.
func TestAfterOneThatIsClosed(t *testing.T) {
	dir := t.TempDir()
	first, err := Join(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	first.Serve(func([]string) bool { return false })
	time.AfterFunc(100*time.Millisecond, func() { first.Close() })
	second, err := Join(dir, nil)
	if err != nil || second == nil {
		t.Fatalf("the second is %v, %v", second, err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// TestAfterOneThatWasKilled has its socket and address lie there.
func TestAfterOneThatWasKilled(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, socketName)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	if err := os.WriteFile(filepath.Join(dir, addressName), []byte(socket), 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := Join(dir, nil)
	if err != nil || i == nil {
		t.Fatalf("%v, %v", i, err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}

// TestNonsenseIsNotOpened sends what no program of ours sends.
func TestNonsenseIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	i, err := Join(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	i.Serve(func(paths []string) bool {
		if len(paths) > 0 {
			t.Errorf("opened: %q", paths)
		}
		return true
	})
	for _, text := range []string{"", "{", `{"paths":["YQ=="]}` + "\n", `{"paths":7}`} {
		c, err := net.Dial("unix", filepath.Join(dir, socketName))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(text)); err != nil {
			t.Error(err)
		}
		c.Close()
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}
