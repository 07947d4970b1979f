package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// made makes an archive of a folder with two recordings and a file whose name is hard to list.
func made(t *testing.T) (engine job.Engine, folder, archive string) {
	t.Helper()
	dir := t.TempDir()
	folder, archive = filepath.Join(dir, "Album"), filepath.Join(dir, "Album.trilobyte")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"a.wav": jobtest.WAV(8000, 16, 2, 40000, 1), "b.wav": jobtest.WAV(8000, 16, 1, 40000, 2), "back\\slash.txt": []byte("text"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	engine = job.Engine{Codec: jobtest.Codec("report test")}
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{folder}, Archive: archive}); err != nil {
		t.Fatal(err)
	}
	return engine, folder, archive
}

func TestReport(t *testing.T) {
	engine, folder, archive := made(t)
	r, err := Of(context.Background(), engine, archive)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(content); r.SHA256 != hex.EncodeToString(sum[:]) || r.Size != int64(len(content)) || r.Totals.Recordings != 2 || r.Audio.Seconds() != 10 {
		t.Errorf("%+v", r)
	}
	var sums, ffp bytes.Buffer
	if err := r.WriteSHA256(&sums); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteFFP(&ffp); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(ffp.String(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "Album/a.flac:") || len(lines[0]) != len("Album/a.flac:")+32 {
		t.Errorf("fingerprints:\n%s", ffp.String())
	}
	program, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip(err)
	}
	check := exec.Command(program, "-c", "-")
	check.Dir, check.Stdin = filepath.Dir(folder), &sums
	if out, err := check.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != 3 {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
}

func TestNoReport(t *testing.T) {
	engine, _, archive := made(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Of(ctx, engine, archive); err == nil {
		t.Error("there is a report after it was cancelled")
	}
	if err := os.Truncate(archive, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := Of(context.Background(), engine, archive); err == nil {
		t.Error("there is a report of a damaged archive")
	}
}
