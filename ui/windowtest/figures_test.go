//go:build window

package windowtest

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"trilobyte/app/job/jobtest"
)

// The benchmarks here report what the window costs: see `make bench-window`.

// recordings makes folders with a recording of so many seconds each.
func recordings(t testing.TB, folders, seconds int) []string {
	t.Helper()
	dir := t.TempDir()
	var roots []string
	for i := range folders {
		root := filepath.Join(dir, fmt.Sprintf("Tape %d", i+1))
		if err := os.Mkdir(root, 0o777); err != nil {
			t.Fatal(err)
		}
		sound := jobtest.WAV(44100, 16, 2, 44100*seconds, uint64(i))
		if err := os.WriteFile(filepath.Join(root, "side a.wav"), sound, 0o666); err != nil {
			t.Fatal(err)
		}
		roots = append(roots, root)
	}
	return roots
}

// status returns a value of /proc/PID/status in MB.
func (p *program) status(name string) float64 {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kB, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				p.t.Fatal(err)
			}
			return float64(kB) / 1024
		}
	}
	p.t.Fatal("there is no " + name)
	return 0
}

// processor returns the processor time that the program has used.
func (p *program) processor() time.Duration {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	ticks := 0
	for _, i := range []int{11, 12} { // utime and stime, without the first two fields
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			p.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// use returns the part of a core that the program uses over a time.
func (p *program) use(over time.Duration) float64 {
	before := p.processor()
	time.Sleep(over)
	return 100 * (p.processor() - before).Seconds() / over.Seconds()
}

// list is the part of the window where the list is.
func (p *program) list() image.Rectangle {
	at := p.at()
	return image.Rect(at.Min.X+20, at.Min.Y+130, at.Max.X-20, at.Max.Y-270)
}

// answer presses a key and returns how long it takes until the list shows
// something else, within so many pixels from its left side. It looks fast where
// they are few, and nothing but the selection changes where they are 24.
func (p *program) answer(key xproto.Keysym, width int) time.Duration {
	p.t.Helper()
	r := p.list()
	r.Max.X = r.Min.X + width
	before := p.look(r)
	begun := time.Now()
	p.keys(key)
	for {
		if !bytes.Equal(before.Pix, p.look(r).Pix) {
			return time.Since(begun)
		}
		if time.Since(begun) > 5*time.Second {
			p.shot("failure")
			p.t.Fatal("the window does not answer")
		}
		time.Sleep(time.Millisecond)
	}
}

// settled waits until the list no longer changes and returns when it last did.
func (p *program) settled() time.Time {
	last, seen := time.Now(), p.look(p.list())
	for time.Since(last) < time.Second {
		time.Sleep(20 * time.Millisecond)
		if now := p.look(p.list()); !bytes.Equal(now.Pix, seen.Pix) {
			last, seen = time.Now(), now
		}
	}
	return last
}

// waiting is a journal with work left over, so that the queue is paused.
func waiting(t testing.TB) string {
	root := recordings(t, 1, 1)[0]
	return fmt.Sprintf(`{"op":"add","id":1,"paths":["%s"],"archive":"%s.trilobyte"}`, root, root)
}

func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		p := newScreen(b, 1100, 760).open(light, nil)
		time.Sleep(3 * time.Second)
		b.ReportMetric(p.use(10*time.Second), "%core")
		b.ReportMetric(p.status("VmRSS"), "MB")
	}
}

func BenchmarkTenThousandFiles(b *testing.B) {
	root := filepath.Join(b.TempDir(), "Big")
	if err := os.Mkdir(root, 0o777); err != nil {
		b.Fatal(err)
	}
	sound := jobtest.WAV(8000, 8, 1, 100, 1)
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("take %05d.wav", i)), sound, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		s := newScreen(b, 1100, 760)
		s.journal = waiting(b)
		p := s.open(light, nil)
		begun := time.Now()
		p.drop(root)
		b.ReportMetric(p.settled().Sub(begun).Seconds(), "s/add")
		b.ReportMetric(p.status("VmHWM"), "MB")
		b.ReportMetric(p.use(5*time.Second), "%core-paused")
		p.shot("ten-thousand")
		p.keys(keyDown)
		time.Sleep(time.Second)
		longest := time.Duration(0)
		for range 20 {
			longest = max(longest, p.answer(keyPage, 200))
			time.Sleep(100 * time.Millisecond)
		}
		b.ReportMetric(float64(longest.Milliseconds()), "ms/page-longest")
		p.keys(keyControl, 'p') // work begins
		time.Sleep(5 * time.Second)
		p.shot("ten-thousand-working")
		b.ReportMetric(p.status("VmHWM"), "MB-working")
	}
}

func BenchmarkAnswerWhileFourJobsWork(b *testing.B) {
	for b.Loop() {
		p := newScreen(b, 1100, 760).open(`{"theme": "light", "jobs": 4}`, nil)
		p.drop(recordings(b, 4, 60)...)
		time.Sleep(8 * time.Second)
		p.shot("four-jobs")
		var took []time.Duration
		const times = 40
		for i := range times {
			key := xproto.Keysym(keyDown)
			if i/3%2 == 1 {
				key = keyUp
			}
			took = append(took, p.answer(key, 24))
			time.Sleep(70 * time.Millisecond)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[times/2].Milliseconds()), "ms/answer-median")
		b.ReportMetric(float64(took[times*9/10].Milliseconds()), "ms/answer-90%")
		b.ReportMetric(float64(took[times-1].Milliseconds()), "ms/answer-longest")
	}
}

func BenchmarkCancel(b *testing.B) {
	for b.Loop() {
		root := recordings(b, 1, 60)[0]
		p := newScreen(b, 1100, 760).open(light, nil)
		p.drop(root)
		folder := filepath.Dir(root)
		p.until("work begins", 20*time.Second, func() bool { return len(leftovers(b, folder)) > 0 })
		time.Sleep(3 * time.Second)
		begun := time.Now()
		p.keys(keyControl, '.')
		p.until("nothing is left behind", 20*time.Second, func() bool { return len(leftovers(b, folder)) == 0 })
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms/cancel")
		time.Sleep(time.Second)
		p.shot("cancelled")
	}
}
