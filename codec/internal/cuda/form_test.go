package cuda_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/cudatest"
)

// twoForms is a program as that of a preset is: one that needs much shared memory, and one that codes in slices.
func twoForms() *cuda.Program {
	return &cuda.Program{
		Forms: []cuda.Form{
			{PTX: []byte("PTX of one"), Entry: "large", Threads: 32, Shared: 112 << 10},
			{PTX: []byte("PTX of another"), Entry: "small", Threads: 32, Shared: 45 << 10, Slices: true},
		},
		Tables: []byte{42},
		Check:  passed,
	}
}

// open has a GPU code for a program, and returns the queue when it is ready to, or what it warns. The test closes the queue when it ends.
func open(t *testing.T, p *cuda.Program, driver *cudatest.Driver) (*cuda.Queue, error) {
	warnings := make(chan error, 10)
	q := cuda.NewQueue(1, func(err error) { warnings <- err })
	t.Cleanup(q.Close)
	q.Rest()
	q.Add(cuda.NewDevice(driver, 0, p))
	for q.Working() == nil {
		select {
		case err := <-warnings:
			return q, err
		case <-time.After(time.Millisecond):
		}
	}
	return q, nil
}

// openScreen is open with a GPU that draws a screen, which it returns, too.
func openScreen(t *testing.T, p *cuda.Program) (*cuda.Queue, *cudatest.Card) {
	driver := cudatest.New(1, 1, 1<<20, invert)
	card := driver.Cards[0]
	card.Is.Limited = true
	q, err := open(t, p, driver)
	if err != nil {
		t.Fatal(err)
	}
	return q, card
}

// TestForms has GPUs that draw a screen or not, and have more or less shared memory, take the form of a program that they can run.
func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		shared  int
		limited bool
		entry   string
		says    string
	}{
		"a server's":                     {227 << 10, false, "large", ""},
		"a server's that draws a screen": {227 << 10, true, "small", ""},
		"a player's":                     {99 << 10, false, "small", ""},
		"a player's, with a screen":      {99 << 10, true, "small", ""},
		"an odd one":                     {40 << 10, false, "", "gives a block 40960 bytes of shared memory, and 46080 are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				entries := map[string]bool{}
				driver := cudatest.New(1, 1, 1<<20, func(entry string, tables, input, output []byte) {
					invert(entry, tables, input, output)
					mu.Lock()
					defer mu.Unlock()
					entries[entry] = true
				})
				driver.Cards[0].Is.Shared, driver.Cards[0].Is.Limited = c.shared, c.limited
				_, err := open(t, twoForms(), driver)
				if c.says != "" {
					if err == nil || !strings.Contains(err.Error(), c.says) {
						t.Errorf("it warns %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if len(entries) != 1 || !entries[c.entry] {
					t.Errorf("it has run %v", entries)
				}
			})
		})
	}
}

// TestScreen has a GPU that draws a screen refuse a program that cannot code in slices.
func TestScreen(t *testing.T) { synctest.Test(t, testScreen) }

func testScreen(t *testing.T) {
	whole := twoForms()
	whole.Forms = whole.Forms[:1]
	driver := cudatest.New(1, 1, 1<<20, invert)
	driver.Cards[0].Is.Limited = true
	_, err := open(t, whole, driver)
	if err == nil || !strings.Contains(err.Error(), "draws a screen") {
		t.Errorf("without slices it warns %v", err)
	}
}

// TestSlices has a GPU code a segment in slices: all of it, and each slice little longer than the one before.
func TestSlices(t *testing.T) { synctest.Test(t, testSlices) }

func testSlices(t *testing.T) {
	p := twoForms()
	q, card := openScreen(t, p)
	before := len(card.Slices())
	card.Takes(5 * time.Millisecond)
	r, got := request(3, 40_000)
	r.Program, r.Steps = p, 41_000
	if coded, _, err := q.Do(context.Background(), "coding", 40_000, r); !coded || err != nil || *got != 1 {
		t.Errorf("coded: %v (%v)", coded, err)
	}
	done, last := 0, 0
	for i, s := range card.Slices()[before:] {
		if s.Number != i || done >= r.Steps || s.Steps < 1 || i == 0 && s.Steps > 1024 || i > 0 && s.Steps > 4*last {
			t.Errorf("after %d steps, slice %d is number %d, of %d steps", done, i, s.Number, s.Steps)
		}
		done, last = done+s.Steps, s.Steps
	}
	if done < r.Steps {
		t.Errorf("%d steps were coded", done)
	}
}

// TestCancellingSlices has a segment that nobody waits for any more end with the slice in work.
func TestCancellingSlices(t *testing.T) { synctest.Test(t, testCancellingSlices) }

func testCancellingSlices(t *testing.T) {
	p := twoForms()
	q, card := openScreen(t, p)
	before := len(card.Slices())
	card.Takes(time.Minute)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		r, _ := request(3, 1<<30)
		r.Program = p
		_, _, err := q.Do(ctx, "coding", 1<<30, r)
		ended <- err
	}()
	for len(card.Slices()) == before && len(ended) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	q.Close()
	if n := len(card.Slices()) - before; n != 1 {
		t.Errorf("it was launched %d times", n)
	}
}
