package saved

import (
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/disk"
	"trilobyte/app/queue"
)

// TestEachArchiveCountsOnce: as it was made last, over several runs, and only what was made.
func TestEachArchiveCountsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h, err := Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	job := func(archive string, flac, ours, size int64, note queue.Note) queue.Job {
		return queue.Job{Archive: archive, Files: 2, Failed: 1, Totals: queue.Totals{Recordings: 1, Sizes: queue.Sizes{Original: 2 * flac, FLAC: flac, Trilobyte: ours}}, ArchiveSize: size, Note: note}
	}
	for i, j := range []queue.Job{
		job("/a", 100, 90, 95, ""), job("/b", 100, 80, 85, ""), job("/a", 200, 180, 190, ""),
		job("/c", 100, 90, 95, queue.NoteArchivedAlready), job("/d", 0, 0, 0, ""),
	} {
		if err := h.Add(at.Add(time.Duration(i)*time.Hour), j); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		latest := h.Latest()
		if len(latest) != 2 || latest[0].Archive != "/a" || latest[0].Files != 1 || latest[1].Archive != "/b" {
			t.Errorf("latest: %+v", latest)
		}
		want := Sum{Archives: 2, Since: at.Add(time.Hour), Totals: queue.Totals{Recordings: 2, Sizes: queue.Sizes{Original: 600, FLAC: 300, Trilobyte: 260}}, ArchiveSize: 275}
		if got := SumOf(latest); got != want {
			t.Errorf("sum %+v, want %+v", got, want)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		if h, err = Open(disk.OS{}, path); err != nil {
			t.Fatal(err)
		}
	}
	h.Close()
	if h, err := Open(disk.OS{}, ""); err != nil || h.Add(at, job("/a", 1, 1, 1, "")) != nil || len(h.Latest()) != 1 || h.Close() != nil {
		t.Errorf("a history that is not kept: %+v, %v", h, err)
	}
}
