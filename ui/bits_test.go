package ui

import (
	"image/color"
	"os"
	"testing"

	"fyne.io/fyne/v2/theme"

	"trilobyte/app/job"
	"trilobyte/app/queue"
)

// TestPictureOfWhatIsCompressed draws a recording of which half is compressed: a loud stretch that leaves much, and a quiet one that
// leaves little.
func TestPictureOfWhatIsCompressed(t *testing.T) {
	newTester(t, nil)
	loud := job.Stretch{Original: 100, FLAC: 80, Compressed: 60}
	quiet := job.Stretch{Original: 100, FLAC: 0, Compressed: 10}
	for i := range loud.Peaks {
		loud.Peaks[i], quiet.Peaks[i] = 1, 0.1
	}
	b := newBitsPicture()
	b.set(queue.Picture{Name: "a/b.wav", Size: 400, Stretches: []job.Stretch{loud, quiet}})
	const width, height = 80, 40
	m := b.draw(width, height)
	count := func(x int, c color.NRGBA) (n int) {
		for y := range height {
			if m.At(x, y) == color.Color(c) {
				n++
			}
		}
		return n
	}
	sound, ours, flac, ground := nrgba(colorOriginal), nrgba(colorTrilobyte), nrgba(colorFLAC), nrgba(theme.ColorNameInputBackground)
	if n := count(10, sound); n != 19 {
		t.Errorf("where it is loud, %d pixels are sound", n)
	}
	if a, b := count(10, ours), count(30, ours); a != 10 || b != 1 {
		t.Errorf("60 and 10 %% are left, in %d and %d pixels of 18", a, b)
	}
	if a, b := count(10, flac), count(30, flac); a != 2 || b != 0 {
		t.Errorf("the line of FLAC is %d pixels thick, and %d where it cannot hold it", a, b)
	}
	if n := count(60, ground); n != height {
		t.Errorf("where nothing is compressed yet, %d pixels are empty", n)
	}
	if got := leftOfText(b.picture); got != "last stretch: 10.0 % is left" {
		t.Errorf("it says %q", got)
	}
}

// TestTheJobAtWorkHasAPicture looks at the picture while an album is verified.
func TestTheJobAtWorkHasAPicture(t *testing.T) {
	w := newTester(t, func(c *Config) { c.Engine.Codec.Coder = endless{c.Engine.Codec.Coder} })
	w.drop(w.album("Album", 2))
	w.pump.until(t, "the job is verified", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Verifying })
	w.refresh()
	p := w.view.live.bits.picture
	if p.Name != "Album/Disc 1/01.wav" || p.Size != 16044 || len(p.Stretches) != 1 {
		t.Fatalf("the picture: %+v", p)
	}
	if s := p.Stretches[0]; s.Original != 16000 || s.FLAC == 0 || s.Compressed == 0 || s.Compressed >= s.FLAC || s.Peaks[0] < 0.3 {
		t.Errorf("its stretch: %+v", s)
	}
}

// TestThePictureStaysUntilAnotherJobBegins finishes a job, and then has it made anew: its picture begins anew, too.
func TestThePictureStaysUntilAnotherJobBegins(t *testing.T) {
	w := newTester(t, nil)
	root := w.album("Album", 1)
	w.drop(root)
	w.done()
	if p := w.view.live.bits.picture; p.Name != "Album/Disc 1/00.wav" || len(p.Stretches) != 1 {
		t.Fatalf("after the job: %+v", p)
	}
	j, _ := w.queue.Job(w.view.rows[0].job)
	if err := os.Remove(j.Archive); err != nil {
		t.Fatal(err)
	}
	w.drop(root)
	w.pump.until(t, "it is made once more", func() bool { return w.queue.Overview().Done == 2 })
	if p := w.queue.Picture(j.ID); p.Name != "" {
		t.Errorf("the picture of the job before: %+v", p)
	}
	j, _ = w.queue.Job(w.queue.IDs()[1])
	if p := w.queue.Picture(j.ID); len(p.Stretches) != 1 {
		t.Errorf("the picture of the second job has %d stretches", len(p.Stretches))
	}
}
