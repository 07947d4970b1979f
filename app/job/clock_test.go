//go:build unix

package job_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
)

// TestTimesOfAnyClock archives files from before and after what the clocks of
// some file systems and of ZIP can say.
func TestTimesOfAnyClock(t *testing.T) {
	dir := filepath.Join(memoryDir(t), "dir")
	for name, seconds := range map[string]int64{
		"1901": -1<<31 - 100, "1969": -1, "1970": 0, "1979": 300_000_000, "2038": 1<<31 + 7, "2106": 1<<32 + 7, "2200": 7_258_118_400, "now": time.Now().Unix(),
	} {
		name = filepath.Join(dir, name+".wav")
		writeFile(t, name, jobtest.WAV(8000, 16, 1, 10, 1))
		at := time.Unix(seconds, 123_456_789)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(name); err != nil || !info.ModTime().Equal(at) {
			t.Logf("this disk cannot hold the time %v", at)
		}
	}
	out := compress(t, engine(), dir)
	back := filepath.Join(filepath.Dir(dir), "back")
	if _, report := run(engine(), restoreTo(out, back)); report != "" {
		t.Fatal(report)
	}
	if want, got := contents(t, dir), contents(t, filepath.Join(back, "dir")); !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
}

// TestTheClockJumps changes the times of what an interrupted run has left, as
// a clock that was set back or forward does: they play no part.
func TestTheClockJumps(t *testing.T) {
	w := newWorld(t)
	for _, at := range []time.Time{time.Unix(0, 0), time.Now().AddDate(-30, 0, 0), time.Now().AddDate(50, 0, 0)} {
		out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
		if !killed(t, spawn(t, "compress", w.source, out, 90)) {
			t.Fatal("it was not killed")
		}
		left, err := os.ReadDir(filepath.Dir(out))
		if err != nil || len(left) != 2 {
			t.Fatalf("there is %v, error %v", left, err)
		}
		for _, entry := range left {
			if err := os.Chtimes(filepath.Join(filepath.Dir(out), entry.Name()), at, at); err != nil {
				t.Fatal(err)
			}
		}
		w.afterCompress(t, "the clock jumps to "+at.String(), out, "")
	}
}
