//go:build unix

package job_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/app/archive"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
)

// The test program runs itself, with these set, to be killed.
const (
	envJob    = "TRILOBYTE_TEST_JOB"    // "compress", "restore", "update" or "mirror"
	envFrom   = "TRILOBYTE_TEST_FROM"   // path
	envTo     = "TRILOBYTE_TEST_TO"     // path
	envKillAt = "TRILOBYTE_TEST_KILLAT" // number of the operation before which it kills itself, or -1
)

func TestMain(m *testing.M) {
	if name := os.Getenv(envJob); name != "" {
		os.Exit(child(name, os.Getenv(envFrom), os.Getenv(envTo)))
	}
	goleak.VerifyTestMain(m)
}

// child runs a job.
func child(name, from, to string) int {
	killAt, err := strconv.Atoi(os.Getenv(envKillAt))
	if err != nil {
		fmt.Println(err)
		return 2
	}
	e := engine()
	e.Workers = 1
	e.Disk = &disktest.FS{Before: at(killAt, func(disktest.Op) error {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal is there
	})}
	f := compressTo(from, to)
	switch name {
	case "restore":
		f = restoreTo(from, to)
	case "update":
		f = keepTo(from, to)
	case "mirror":
		f = mirrorTo(from, to)
	}
	e.Events = func(ev job.Event) {
		switch ev := ev.(type) {
		case job.Resumed:
			fmt.Println("kept", ev.Files)
		case job.Done:
			if ev.File.Kind != archive.KindFolder {
				fmt.Println(ev.Phase, "done", ev.File.Name)
			}
		case job.Failed:
			fmt.Println(ev.Name, ev.Err)
		}
	}
	summary, err := f(e)
	if err != nil {
		fmt.Println("error:", err)
	}
	if err != nil || summary.Failed > 0 {
		return 1
	}
	return 0
}

// spawn starts a job in a process of its own.
func spawn(t *testing.T, name, from, to string, killAt int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), envJob+"="+name, envFrom+"="+from, envTo+"="+to, fmt.Sprintf("%s=%d", envKillAt, killAt))
	c.Stdout = new(bytes.Buffer)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// killed waits for a process and says whether it was killed. Any other end but
// success fails the test.
func killed(t *testing.T, c *exec.Cmd) bool {
	t.Helper()
	err := c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("the job ended with %v: %s", err, c.Stdout)
	}
	return false
}

// killPoints is how many times compress and restore are killed, each. The race
// detector, which is for what happens before, has to see few of them.
func killPoints() int {
	switch {
	case soak:
		return 2000
	case testing.Short():
		return 8
	}
	return 100
}

// TestKilled kills compress, restore and update at random moments: half of them between
// two dealings with the disk, the other half at any time.
func TestKilled(t *testing.T) {
	w := newWorld(t)
	aged := newWorld(t)
	old := aged.aged(t)
	random := rand.New(rand.NewPCG(3, 4))
	jobs := map[string]struct {
		from  string
		to    func() string
		check func(what, to string)
		run   func(from, to string) func(*job.Engine) (job.Summary, error)
	}{
		"compress": {w.source, func() string { return filepath.Join(freshDir(t, w.dir), "out.trilobyte") },
			func(what, to string) { w.afterCompress(t, what, to, "") }, compressTo},
		"restore": {w.sound, func() string { return freshDir(t, w.dir) },
			func(what, to string) { w.afterRestore(t, what, to) }, restoreTo},
		"update": {aged.source, func() string { return aged.outdated(t, old) },
			func(what, to string) { aged.afterUpdate(t, what, to, old, "") }, keepTo},
		"mirror": {aged.source, func() string { return aged.outdated(t, old) },
			func(what, to string) { aged.afterUpdate(t, what, to, old, "") }, mirrorTo},
	}
	for name, j := range jobs {
		t.Run(name, func(t *testing.T) {
			operations := len(operations(t, func(e *job.Engine) error { _, err := j.run(j.from, j.to())(e); return err }))
			start := time.Now()
			killed(t, spawn(t, name, j.from, j.to(), -1))
			whole := time.Since(start)
			points := killPoints()
			if name == "update" || name == "mirror" {
				points = (points + 3) / 4
			}
			kills := 0
			for i := range points {
				to := j.to()
				var what string
				var c *exec.Cmd
				if i%2 == 0 {
					at := random.IntN(operations)
					what = fmt.Sprintf("%s is killed before operation %d of %d", name, at, operations)
					c = spawn(t, name, j.from, to, at)
				} else {
					after := time.Duration(random.Int64N(int64(whole)))
					what = fmt.Sprintf("%s is killed after %v of about %v", name, after, whole)
					c = spawn(t, name, j.from, to, -1)
					time.Sleep(after)
					if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
						t.Fatal(err)
					}
				}
				if killed(t, c) {
					kills++
				}
				j.check(what, to)
			}
			t.Logf("%d of %d processes were killed before they had finished; %d operations, %v", kills, points, operations, whole)
			if kills < points/2 {
				t.Errorf("only %d of %d processes were killed before they had finished", kills, points)
			}
		})
	}
}

// TestKilledAgainAndAgain kills compress until it gets through: every run keeps
// all that those before it have finished.
func TestKilledAgainAndAgain(t *testing.T) {
	w := newWorld(t)
	out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
	finished := 0 // files, before the last run
	runs := 0
	for again := true; again; runs++ {
		c := spawn(t, "compress", w.source, out, 50+25*runs)
		again = killed(t, c)
		said := fmt.Sprint(c.Stdout)
		if finished > 0 && !strings.Contains(said, fmt.Sprintf("kept %d\n", finished)) {
			t.Fatalf("run %d has not kept %d files: %s", runs, finished, said)
		}
		finished = strings.Count(said, "compressing done ")
	}
	if runs < 4 {
		t.Errorf("only %d runs were needed", runs)
	}
	w.afterCompress(t, "after being killed again and again", out, "")
}

// TestTwoProgramsOnOneArchive has two processes make the same archive, and two
// restore to the same folder, at the same time.
func TestTwoProgramsOnOneArchive(t *testing.T) {
	w := newWorld(t)
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	for i := range rounds {
		out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
		a, b := spawn(t, "compress", w.source, out, -1), spawn(t, "compress", w.source, out, -1)
		errA, errB := a.Wait(), b.Wait()
		if errA != nil && errB != nil {
			t.Fatalf("neither made the archive: %s and %s", a.Stdout, b.Stdout)
		}
		for _, c := range []*exec.Cmd{a, b} {
			// The later one has found the other at work, or its archive.
			if said := fmt.Sprint(c.Stdout); strings.Contains(said, "error:") && !isNamed(said, "another Trilobyte", "file exists", "file already exists") {
				t.Errorf("one said %q", said)
			}
		}
		w.afterCompress(t, fmt.Sprintf("two programs, round %d", i), out, "")

		dir := freshDir(t, w.dir)
		a, b = spawn(t, "restore", w.sound, dir, -1), spawn(t, "restore", w.sound, dir, -1)
		for _, c := range []*exec.Cmd{a, b} {
			if err := c.Wait(); err != nil && !isNamed(fmt.Sprint(c.Stdout), "exists already") {
				t.Errorf("restoring beside another program: %v: %s", err, c.Stdout)
			}
		}
		w.afterRestore(t, "two programs", dir)
	}
}
