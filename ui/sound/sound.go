//go:build cgo && !headless

package sound

import (
	"fmt"
	"io"
	"sync"

	"github.com/ebitengine/oto/v3"

	"trilobyte/app/listen"
)

// Output is where sound goes. The zero value is ready: the device is opened
// when something is played for the first time.
type Output struct {
	open sync.Once
	oto  *oto.Context
	err  error
}

// player plays one sound.
type player struct {
	output *Output
	sound  io.Reader
	oto    *oto.Player
}

// begin starts to read and to play.
func (p *player) begin() {
	p.oto = p.output.oto.NewPlayer(p.sound)
	p.oto.SetBufferSize(listen.SampleRate / 5 * listen.FrameBytes)
	p.oto.Play()
}

// Play implements listen.Device.
func (o *Output) Play(r io.Reader) (listen.Playing, error) {
	o.open.Do(func() {
		var ready chan struct{}
		o.oto, ready, o.err = oto.NewContext(&oto.NewContextOptions{
			SampleRate: listen.SampleRate, ChannelCount: 2, Format: oto.FormatFloat32LE,
		})
		if o.err == nil {
			<-ready
			o.err = o.oto.Err()
		}
	})
	if o.err != nil {
		return nil, fmt.Errorf("no sound device can be used: connect or choose one in the settings of your computer, then start Trilobyte again (%w)", o.err)
	}
	p := &player{output: o, sound: r}
	p.begin()
	return p, nil
}

// SetPaused implements listen.Playing.
func (p *player) SetPaused(paused bool) {
	if paused {
		p.oto.Pause()
	} else {
		p.oto.Play()
	}
}

// Flush implements listen.Playing.
func (p *player) Flush() {
	p.oto.Pause()
	p.begin()
}

// Close implements listen.Playing.
func (p *player) Close() { p.oto.Pause() }
