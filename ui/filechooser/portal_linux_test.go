package filechooser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// portal is a desktop's portal: it answers as it is told to, and keeps what it was asked.
type portal struct {
	bus     *dbus.Conn
	code    uint32
	uris    []string
	silent  bool // it shows the dialog until that is closed
	asked   chan asked
	closing chan dbus.ObjectPath
}

type asked struct {
	parent, title string
	options       map[string]dbus.Variant
}

const handle = dbus.ObjectPath("/org/freedesktop/portal/desktop/request/1/t")

// OpenFile is the portal's method.
func (p *portal) OpenFile(sender dbus.Sender, parent, title string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	if !p.silent { // before the answer that names it, as it may be
		p.bus.Emit(handle+"other", response, uint32(0), map[string]dbus.Variant{})
		p.bus.Emit(handle, response, p.code, map[string]dbus.Variant{"uris": dbus.MakeVariant(p.uris)})
	}
	p.asked <- asked{parent, title, options}
	return handle, nil
}

// Close is the method of a request.
func (p *portal) Close() *dbus.Error {
	p.closing <- handle
	return nil
}

// newBus starts a session bus of our own, and returns a connection to it.
func newBus(t *testing.T) *dbus.Conn {
	t.Helper()
	daemon := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Skip("there is no dbus-daemon here")
	}
	t.Cleanup(func() {
		daemon.Process.Kill()
		daemon.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	return bus
}

// newPortal puts a portal, which does not change any more, on a bus of its own.
func newPortal(t *testing.T, p *portal) *portal {
	t.Helper()
	p.bus, p.asked, p.closing = newBus(t), make(chan asked, 1), make(chan dbus.ObjectPath, 1)
	_, err := p.bus.RequestName(portalName, dbus.NameFlagDoNotQueue)
	if err := errors.Join(err,
		p.bus.Export(p, portalPath, "org.freedesktop.portal.FileChooser"),
		p.bus.Export(p, handle, requests)); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWhatTheDesktopsDialogReturns chooses files whose names are hard to send, nothing, and has the dialog fail.
func TestWhatTheDesktopsDialogReturns(t *testing.T) {
	for name, test := range map[string]struct {
		code uint32
		uris []string
		want []string
		err  string
	}{
		"files":     {0, []string{"file:///a/b+c%20%23%C3%B6.wav", "file:///d", "https://e"}, []string{"/a/b+c #ö.wav", "/d"}, ""},
		"cancelled": {1, nil, nil, ""},
		"failed":    {2, nil, nil, "has failed"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t, &portal{code: test.code, uris: test.uris})
			paths, err := Choose(context.Background(), Request{
				Title: "Add files", Accept: "Add", Several: true, Kind: "Recordings", Extensions: []string{".wav"}, Dir: "/music", Parent: "x11:12",
			})
			if !slices.Equal(paths, test.want) || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("chosen %q, %v", paths, err)
			}
			a := <-p.asked
			filters, dir := fmt.Sprint(a.options["filters"].Value()), a.options["current_folder"].Value()
			if a.parent != "x11:12" || a.title != "Add files" || a.options["multiple"].Value() != true || a.options["directory"].Value() != false ||
				filters != "[[Recordings [[0 *.wav] [0 *.WAV]]]]" || dbus.SignatureOf([]filter{}).String() != "a(sa(us))" || string(dir.([]byte)) != "/music\x00" {
				t.Errorf("asked %+v", a)
			}
		})
	}
}

// TestTheDialogEndsWithItsContext has the dialog closed that nobody waits for any more.
func TestTheDialogEndsWithItsContext(t *testing.T) {
	p := newPortal(t, &portal{silent: true})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := Choose(ctx, Request{Folder: true})
		ended <- err
	}()
	<-p.asked
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if len(p.closing) != 1 {
		t.Error("the dialog stays open")
	}
}

// TestWithoutADesktop asks where there is no portal, and where there is no bus.
func TestWithoutADesktop(t *testing.T) {
	newBus(t)
	if _, err := Choose(context.Background(), Request{}); !errors.Is(err, ErrNone) {
		t.Errorf("without a portal: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	if _, err := Choose(context.Background(), Request{}); !errors.Is(err, ErrNone) {
		t.Errorf("without a bus: %v", err)
	}
}
