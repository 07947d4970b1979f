package ui

import (
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"trilobyte/app/listen"
)

// device is a sound device that takes sound when it is told to. Sounds may begin and
// end in any order, on any goroutine.
type device struct {
	open atomic.Int32 // sounds
	err  error
}

func (d *device) Play(r io.Reader) (listen.Playing, error) {
	if d.err != nil {
		return nil, d.err
	}
	d.open.Add(1)
	return &playing{device: d, sound: r}, nil
}

// playing is a sound of a device.
type playing struct {
	device *device
	sound  io.Reader
	paused bool
}

func (p *playing) SetPaused(paused bool) { p.paused = paused }
func (p *playing) Flush()                {}
func (p *playing) Close()                { p.device.open.Add(-1) }

func TestListening(t *testing.T) {
	d := &device{}
	w := newTester(t, func(c *Config) { c.Sound = d })
	v := openedArchive(w)
	w.win.Canvas().Focus(v.list)
	w.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if !v.player.root.Visible() || !v.player.plays("Album/Disc 1/00.wav") {
		t.Fatal("nothing is played")
	}
	w.shortcut("Archive", "Play the previous recording") // there is none
	w.shortcut("Archive", "Play the next recording")
	if !v.player.plays("Album/Disc 1/01.wav") {
		t.Errorf("%q is the next recording", v.player.entry)
	}
	w.shortcut("Archive", "Play the previous recording")
	if !v.player.plays("Album/Disc 1/00.wav") {
		t.Errorf("%q is the one before", v.player.entry)
	}
	w.pump.until(t, "the file is open", func() bool { return v.player.track != nil })
	sound := v.player.playing.(*playing)
	buffer := make([]byte, 800*listen.FrameBytes)
	w.pump.until(t, "the sound goes on", func() bool {
		_, err := io.ReadFull(sound.sound, buffer)
		return err == nil && v.player.track.Position() > 10*time.Millisecond
	})
	test.Tap(v.player.button)
	if !sound.paused {
		t.Error("it is not paused")
	}
	v.player.slider.SetValue(0.4) // goes on from there
	if at := v.player.track.Position(); sound.paused || at != 400*time.Millisecond {
		t.Errorf("position %v, paused %v", at, sound.paused)
	}
	w.pump.until(t, "the beginning of the sound is drawn", func() bool { return v.player.wave.peaks[0] >= 0 })
	if first := v.player.wave.peaks[0]; first == 0 || first > 1 {
		t.Errorf("the sound begins with a peak of %v", first)
	}
	test.TapAt(v.player.wave, fyne.NewPos(v.player.wave.Size().Width/2, 10))
	if at := v.player.track.Position(); at < 240*time.Millisecond || at > 260*time.Millisecond {
		t.Errorf("a click into the middle of the picture leads to %v", at)
	}
	w.pump.until(t, "the end is reached", func() bool {
		if v.player.track != nil {
			io.ReadFull(v.player.playing.(*playing).sound, buffer)
		}
		return v.player.plays("Album/Disc 1/01.wav")
	})
	w.shortcut("Archive", "Play the next recording")
	w.pump.until(t, "the last recording ends", func() bool {
		if v.player.track != nil {
			io.ReadFull(v.player.playing.(*playing).sound, buffer)
		}
		return v.player.entry == ""
	})
	if v.player.root.Visible() {
		t.Error("the player stays")
	}
	w.pump.until(t, "the device is given back", func() bool { return d.open.Load() == 0 })
	d.err = errors.New("no loudspeaker")
	w.tap("Listen")
	w.pump.until(t, "the banner says why", func() bool { return strings.Contains(w.banner.showing(), "No loudspeaker.") })
	if v.player.root.Visible() {
		t.Error("the player stays where there is no device")
	}
}
