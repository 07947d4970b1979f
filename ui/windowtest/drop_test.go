//go:build window

package windowtest

import (
	"net/url"
	"strings"
	"time"

	"github.com/jezek/xgb/xproto"
)

// drop drops files onto the middle of the window, as a file manager does: it
// speaks version 5 of the XDND protocol.
func (p *program) drop(paths ...string) {
	p.t.Helper()
	var list strings.Builder
	for _, path := range paths {
		list.WriteString((&url.URL{Scheme: "file", Path: path}).String() + "\r\n")
	}
	source := p.dragSource()
	defer xproto.DestroyWindow(p.x, source)
	at := p.at()
	x, y := uint32(at.Min.X+at.Dx()/2), uint32(at.Min.Y+at.Dy()/2)
	const copyAction, version = "XdndActionCopy", 5
	p.tell("XdndEnter", uint32(source), version<<24, uint32(p.atom("text/uri-list")), 0, 0)
	stage := "it does not answer where it could be dropped"
	dropped := false
	var moved time.Time
	for begun := time.Now(); time.Since(begun) < 30*time.Second; {
		// The mouse moves a little all the time, and every move is told.
		if !dropped && time.Since(moved) > time.Second {
			moved = time.Now()
			p.tell("XdndPosition", uint32(source), 0, x<<16|y, xproto.TimeCurrentTime, uint32(p.atom(copyAction)))
		}
		event, err := p.x.PollForEvent()
		if err != nil {
			p.t.Fatal(err)
		}
		switch e := event.(type) {
		case nil:
			time.Sleep(5 * time.Millisecond)
		case xproto.ClientMessageEvent:
			switch e.Type {
			case p.atom("XdndStatus"):
				if e.Data.Data32[1]&1 == 0 {
					p.t.Fatal("the window refuses the drop")
				}
				if !dropped {
					dropped = true
					stage = "it does not ask for what is dropped"
					p.tell("XdndDrop", uint32(source), 0, xproto.TimeCurrentTime, 0, 0)
				}
			case p.atom("XdndFinished"):
				return
			}
		case xproto.SelectionRequestEvent:
			p.give(e, list.String())
			stage = "it does not say that it has it"
		}
	}
	p.stuck()
	p.t.Fatal("the window does not take the drop: " + stage)
}

// dragSource makes the window that the drag comes from.
func (p *program) dragSource() xproto.Window {
	p.t.Helper()
	source, err := xproto.NewWindowId(p.x)
	if err != nil {
		p.t.Fatal(err)
	}
	d := xproto.Setup(p.x).DefaultScreen(p.x)
	xproto.CreateWindow(p.x, d.RootDepth, source, p.root, -9, -9, 1, 1, 0, xproto.WindowClassInputOutput, d.RootVisual,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
	if err := xproto.SetSelectionOwnerChecked(p.x, source, p.atom("XdndSelection"), xproto.TimeCurrentTime).Check(); err != nil {
		p.t.Fatal(err)
	}
	return source
}

// tell sends a message of the protocol to the window.
func (p *program) tell(name string, data ...uint32) {
	p.t.Helper()
	e := xproto.ClientMessageEvent{Format: 32, Window: p.window, Type: p.atom(name), Data: xproto.ClientMessageDataUnionData32New(data)}
	if err := xproto.SendEventChecked(p.x, false, p.window, xproto.EventMaskNoEvent, string(e.Bytes())).Check(); err != nil {
		p.t.Fatal(err)
	}
}

// give gives the window what is dragged.
func (p *program) give(e xproto.SelectionRequestEvent, list string) {
	p.t.Helper()
	err := xproto.ChangePropertyChecked(p.x, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8, uint32(len(list)), []byte(list)).Check()
	if err != nil {
		p.t.Fatal(err)
	}
	n := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
	if err := xproto.SendEventChecked(p.x, false, e.Requestor, xproto.EventMaskNoEvent, string(n.Bytes())).Check(); err != nil {
		p.t.Fatal(err)
	}
}
