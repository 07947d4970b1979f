//go:build linux

package job_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestLongNamesAreMarked has names that cannot become longer.
func TestLongNamesAreMarked(t *testing.T) {
	for name, want := range map[string]string{
		strings.Repeat("l", 251) + ".wav":      strings.Repeat("l", 241) + " (damaged).wav",
		strings.Repeat("\xe9", 251) + ".wav":   strings.Repeat("\xe9", 241) + " (damaged).wav",
		strings.Repeat("\u00fc", 125) + ".wav": strings.Repeat("\u00fc", 120) + " (damaged).wav",
		"." + strings.Repeat("l", 254):         " (damaged)",
		"short.wav":                            "short (damaged).wav",
	} {
		dir := filepath.Join(t.TempDir(), "Album")
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
		out := compress(t, engine(), dir)
		entries, _, err := engine().List(out)
		if err != nil {
			t.Fatal(err)
		}
		damage(t, out, entries[len(entries)-1].Name)
		back := t.TempDir()
		run(engine(), func(e *job.Engine) (job.Summary, error) {
			return e.Restore(t.Context(), job.RestoreOptions{Archive: out, Dir: back, Salvage: true})
		})
		there, err := os.ReadDir(filepath.Join(back, "Album"))
		if err != nil || len(there) != 1 || !strings.HasSuffix(there[0].Name(), want) || len(there[0].Name()) > 255 {
			t.Errorf("%q was saved as %v, want %q; %v", name, there, want, err)
		}

		out = compress(t, engine(), dir)
		if err := errors.Join(os.Remove(filepath.Join(dir, name)), os.Mkdir(filepath.Join(dir, name), 0o777)); err != nil {
			t.Fatal(err)
		}
		back = t.TempDir()
		if _, report := run(engine(), updateTo(dir, out, nil)); report != "" {
			t.Error(report)
		}
		if _, report := run(engine(), restoreTo(out, back)); report != "" {
			t.Error(report)
		}
		if there, err := os.ReadDir(filepath.Join(back, "Album")); err != nil || len(there) != 2 {
			t.Errorf("%v came back; %v", there, err)
		}
	}
}
