package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/archive"
	"trilobyte/app/listen"
)

// playerBar plays a file straight from an archive.
type playerBar struct {
	window  *Window
	archive string
	root    *fyne.Container
	button  *tipButton
	name    *widget.Label
	slider  *widget.Slider
	wave    *wave
	time    *widget.Label
	changed func() // another file is played
	// neighbour returns the recording that comes so many after another one, or nil.
	neighbour func(name string, by int) *archive.Entry

	entry    string       // what is played, or ""
	starting chan started // what is played is being opened; nil if it is open
	track    *listen.Track
	playing  listen.Playing
	paused   bool
	moving   bool // the slider is being moved by update, not by the user
	done     chan struct{}
}

// started is a file that begins to be played, or the reason why it does not.
type started struct {
	track   *listen.Track
	playing listen.Playing
	err     error
}

func newPlayerBar(w *Window, archive string, changed func()) *playerBar {
	p := &playerBar{window: w, archive: archive, changed: changed}
	p.button = newTipButton(w.tips, tr("Pause or go on"), theme.MediaPauseIcon(), p.pause)
	stop := newTipButton(w.tips, tr("Stop"), theme.MediaStopIcon(), p.stop)
	before := newTipButton(w.tips, tr("Play the previous recording"), theme.MediaSkipPreviousIcon(), func() { p.skip(-1) })
	after := newTipButton(w.tips, tr("Play the next recording"), theme.MediaSkipNextIcon(), func() { p.skip(1) })
	p.name = widget.NewLabel("")
	p.name.Truncation = fyne.TextTruncateEllipsis
	p.time = widget.NewLabelWithStyle("", fyne.TextAlignTrailing, fyne.TextStyle{})
	room := canvas.NewRectangle(color.Transparent) // so that the slider does not move
	room.SetMinSize(widget.NewLabel("00:00:00 / 00:00:00").MinSize())
	p.slider = widget.NewSlider(0, 1)
	p.slider.Step = 0.1
	p.slider.OnChanged = func(seconds float64) {
		if !p.moving {
			p.seek(time.Duration(seconds * float64(time.Second)))
		}
	}
	p.wave = newWave(func(part float64) {
		if p.track != nil {
			p.seek(time.Duration(part * float64(p.track.Duration())))
		}
	})
	p.root = container.NewBorder(p.wave, nil, container.NewHBox(before, p.button, stop, after), container.NewStack(room, p.time),
		container.NewGridWithColumns(2, p.name, p.slider))
	p.root.Hide()
	return p
}

// plays says whether a file is what is played.
func (p *playerBar) plays(path string) bool { return p.entry != "" && p.entry == path }

// toggle plays a file from its beginning, or stops it.
func (p *playerBar) toggle(e *archive.Entry) {
	if p.plays(e.Name) {
		p.stop()
		return
	}
	p.stop()
	if p.window.config.Sound == nil || e.Kind != archive.KindRecording {
		return
	}
	starting := make(chan started, 1)
	p.entry, p.starting, p.paused = e.Name, starting, false
	p.name.SetText(e.Name)
	p.time.SetText("")
	p.wave.set(nil, 0)
	p.button.SetIcon(theme.MediaPauseIcon())
	p.root.Show()
	p.changed()
	p.window.wg.Go(func() {
		starting <- p.open(e.Name)
		p.window.touch()
	})
}

// open opens a file, and the sound device, which may both take their time.
func (p *playerBar) open(name string) started {
	track, err := listen.Open(p.window.config.Engine.Codec, p.archive, name)
	if err != nil {
		return started{err: err}
	}
	playing, err := p.window.config.Sound.Play(track)
	if err != nil {
		track.Close()
		return started{err: err}
	}
	return started{track: track, playing: playing}
}

// begin takes over what has been opened.
func (p *playerBar) begin(s started) {
	p.starting = nil
	if s.err != nil {
		p.stop()
		p.window.banner.show(faultText(s.err), false, "", nil)
		return
	}
	done := make(chan struct{})
	p.track, p.playing, p.done = s.track, s.playing, done
	p.slider.Max = s.track.Duration().Seconds()
	p.window.wg.Go(func() { p.tick(done) })
}

// tick has the bar brought up to date while something is played.
func (p *playerBar) tick(done chan struct{}) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			p.window.touch()
		}
	}
}

// skip plays the next recording instead, or the previous one if by is -1. There, as
// players do, it begins anew once it has been heard for a while.
func (p *playerBar) skip(by int) {
	const heard = 3 * time.Second
	if p.entry == "" {
		return
	}
	if by < 0 && p.track != nil && p.track.Position() > heard {
		p.seek(0)
		return
	}
	if e := p.neighbour(p.entry, by); e != nil {
		p.toggle(e)
	}
}

// pause lets the sound stand still, or go on.
func (p *playerBar) pause() {
	if p.track == nil {
		return
	}
	p.paused = !p.paused
	p.playing.SetPaused(p.paused)
	icon := theme.MediaPauseIcon()
	if p.paused {
		icon = theme.MediaPlayIcon()
	}
	p.button.SetIcon(icon)
}

// seek goes to a time.
func (p *playerBar) seek(to time.Duration) {
	if p.track == nil {
		return
	}
	p.track.Seek(to)
	p.playing.Flush()
	if p.paused {
		p.pause()
	}
}

// stop ends the sound.
func (p *playerBar) stop() {
	if p.entry == "" {
		return
	}
	if starting := p.starting; starting != nil {
		p.window.wg.Go(func() { (<-starting).close() })
	} else if p.track != nil {
		close(p.done)
		opened := started{track: p.track, playing: p.playing}
		p.window.wg.Go(opened.close)
	}
	p.track, p.playing, p.starting, p.entry = nil, nil, nil, ""
	p.root.Hide()
	p.changed()
}

// close ends the sound, and waits for the decoder.
func (s started) close() {
	if s.err == nil {
		s.playing.Close()
		s.track.Close()
	}
}

// update shows where the sound is.
func (p *playerBar) update() {
	select {
	case s := <-p.starting:
		p.begin(s)
	default:
	}
	if p.track == nil {
		return
	}
	ready, err := p.track.Ready()
	if err != nil {
		p.stop()
		p.window.banner.show(faultText(err), false, "", nil)
		return
	}
	at, end := p.track.Position(), p.track.Duration()
	if at >= end {
		next := p.neighbour(p.entry, 1)
		p.stop()
		if next != nil {
			p.toggle(next)
		}
		return
	}
	p.wave.set(p.track.Peaks(), at.Seconds()/max(end.Seconds(), 1e-9))
	p.moving = true
	p.slider.SetValue(at.Seconds())
	p.moving = false
	whole := max(end.Round(time.Second), time.Second)
	text := durationText(min(at.Truncate(time.Second)+time.Second, whole)) + " / " + durationText(whole)
	if ready < 1 {
		text = tr("decoding {{.Percent}}", words{"Percent": percentWhole(ready)})
	}
	p.time.SetText(text)
}
