package serve_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/job/jobtest"
)

// program skips the test if a program is not installed.
func program(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
}

// output runs a program, with text as its input, that must go well.
func output(t *testing.T, text, name string, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(name, args...)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "HOME="+c.Dir)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(text), &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes()
}

func TestCurlReadsRanges(t *testing.T) {
	program(t, "curl")
	archive, originals := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive)
	name := "Album/Discs/00.wav"
	got := output(t, "", "curl", "-sSf", "-r", "300000-399999", addressOf(base, "My Album", name))
	if !bytes.Equal(got, originals[name][300_000:400_000]) {
		t.Errorf("%d bytes, others", len(got))
	}
}

func TestFFmpegSeeks(t *testing.T) {
	program(t, "ffmpeg")
	archive, originals := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive)
	name := "Album/Discs/00.wav"
	const head, rate = 44, 8000
	got := output(t, "", "ffmpeg", "-v", "error", "-ss", "30", "-t", "2", "-i", addressOf(base, "My Album", name), "-f", "s16le", "-")
	if want := originals[name][head+30*rate*2:][:2*rate*2]; !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

func TestRcloneCopies(t *testing.T) {
	program(t, "rclone")
	archive, originals := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive)
	dir := t.TempDir()
	output(t, "", "rclone", "--config", "/dev/null", "--webdav-url", base, "copy", ":webdav:My Album/Album/Discs", dir)
	compareFolder(t, dir, originals, "Album/Discs/")
}

func TestCadaverLists(t *testing.T) {
	program(t, "cadaver")
	archive, originals := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive)
	dir := t.TempDir()
	text := "cd Discs\nls\nget 00.wav " + filepath.Join(dir, "00.wav") + "\nquit\n"
	listed := output(t, text, "cadaver", base+"My%20Album/Album/")
	if !bytes.Contains(listed, []byte("00.wav")) {
		t.Errorf("it lists\n%s", listed)
	}
	compareFolder(t, dir, originals, "Album/Discs/")
}

// compareFolder compares a folder with the originals whose names begin as given.
func compareFolder(t *testing.T, dir string, originals map[string][]byte, prefix string) {
	t.Helper()
	for name, want := range originals {
		within, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if got, err := os.ReadFile(filepath.Join(dir, within)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, error %v", name, len(got), err)
		}
	}
}
