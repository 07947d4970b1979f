package ui

import (
	"os"
	"strings"
	"testing"

	"trilobyte/app/queue"
)

// TestVerifyAFolderOfArchives verifies all that it has, says which is damaged, and does not count them as saved.
func TestVerifyAFolderOfArchives(t *testing.T) {
	w := newTester(t, nil)
	w.checkFolder(w.dir)
	w.pump.until(t, "it says that there is none", func() bool { return strings.Contains(w.banner.showing(), "There is no archive in") })
	w.archived("Sound", 2)
	damaged := w.archived("Damaged", 2)
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/3] ^= 1
	w.write(damaged, content)
	w.checkFolder(w.dir)
	w.pump.until(t, "both are verified", func() bool { return w.queue.Overview().Finished == 2 })
	w.pump.until(t, "that is shown", func() bool { return len(w.view.rows) > 2 })
	w.refresh()
	all := ""
	for i := range w.view.rows {
		all += lineText(w.view.list, i) + "\n"
	}
	for _, want := range []string{"Damaged.trilobyte|1 of 3 files damaged, the others are sound|damaged|", "Sound.trilobyte|every byte agrees with its checksums  ·  3 files  ·  " + w.dir + "|verified|"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	if log := w.log.text(); !strings.Contains(log, "Sound: ") || !strings.Contains(log, "Some files failed: Damaged.trilobyte") {
		t.Errorf("the log says:\n%s", log)
	}
	if n := w.history.Count(); n != 0 {
		t.Errorf("%d archives count as made", n)
	}
	j, _ := w.queue.Job(w.view.rows[0].job)
	w.take(w.view.jobMenu(j), "Verify again")
	w.pump.until(t, "it is verified again", func() bool { return w.queue.Overview().Jobs == 3 && w.queue.Overview().Finished == 3 })
	if last, _ := w.queue.Job(w.queue.IDs()[2]); last.Way != queue.Check {
		t.Errorf("%+v", last)
	}
}
