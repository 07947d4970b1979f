//go:build window

package windowtest

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// screen is a virtual screen with a window manager.
type screen struct {
	t       testing.TB
	name    string
	x       *xgb.Conn
	root    xproto.Window
	atoms   map[string]xproto.Atom
	config  string // folder of the settings of programs that are opened
	journal string // of their queues; there is none at first if ""
}

// A screen without passwords, which closes at the end, is not worth a message.
func init() { xgb.Logger.SetOutput(io.Discard) }

// newScreen starts a screen of the given size, until the end of the test.
func newScreen(t testing.TB, width, height int) *screen {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{write}
	start(t, server)
	write.Close()
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb does not start:", err)
	}
	s := &screen{t: t, name: ":" + strings.TrimSpace(number), atoms: map[string]xproto.Atom{}, config: t.TempDir()}
	if s.x, err = xgb.NewConnDisplay(s.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.x.Close)
	if err := xtest.Init(s.x); err != nil {
		t.Fatal(err)
	}
	s.root = xproto.Setup(s.x).DefaultScreen(s.x).Root
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+s.name)
	start(t, manager)
	s.until("the window manager is there", 20*time.Second, func() bool {
		check, err := xproto.GetProperty(s.x, false, s.root, s.atom("_NET_SUPPORTING_WM_CHECK"), xproto.GetPropertyTypeAny, 0, 1).Reply()
		return err == nil && check.ValueLen > 0
	})
	return s
}

// start starts a program, and ends it at the end of the test.
func start(t testing.TB, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatalf("%v (make test-window installs what is needed)", err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
}

func (s *screen) atom(name string) xproto.Atom {
	if a, ok := s.atoms[name]; ok {
		return a
	}
	reply, err := xproto.InternAtom(s.x, false, uint16(len(name)), name).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	s.atoms[name] = reply.Atom
	return reply.Atom
}

// program is the program at work on a screen.
type program struct {
	*screen
	cmd    *exec.Cmd
	window xproto.Window
	exited chan error
}

// path is the program.
func path(t testing.TB) string {
	t.Helper()
	p, err := filepath.Abs("../../build/trilobyte-window")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p); err != nil {
		t.Fatalf("%v: run make test-window, which builds it", err)
	}
	return p
}

// open starts the program. preferences are its settings, as JSON; environment
// is added to that of the test.
func (s *screen) open(preferences string, environment []string, args ...string) *program {
	s.t.Helper()
	p := &program{screen: s, exited: make(chan error, 1)}
	folder := filepath.Join(s.config, "fyne", "org.trilobyte.Trilobyte")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "preferences.json"), []byte(preferences), 0o666); err != nil {
		s.t.Fatal(err)
	}
	if s.journal != "" {
		if err := os.WriteFile(filepath.Join(folder, "queue.jsonl"), []byte(s.journal+"\n"), 0o666); err != nil {
			s.t.Fatal(err)
		}
	}
	p.cmd = exec.Command(path(s.t), args...)
	p.cmd.Env = append(os.Environ(), "DISPLAY="+s.name, "LC_ALL=en_US.UTF-8", "XDG_CONFIG_HOME="+s.config, "LIBGL_ALWAYS_SOFTWARE=1")
	p.cmd.Env = append(p.cmd.Env, environment...)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	s.t.Cleanup(func() { p.cmd.Process.Kill() })
	p.until("the window opens", 20*time.Second, func() bool {
		p.window = s.find(s.root)
		return p.window != 0
	})
	time.Sleep(time.Second) // it is drawn
	return p
}

// kill ends the program as a power cut does.
func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.exited
}

// stuck shows what a program that does not go on is doing: what is on the
// screen, and its goroutines, which Go prints before it ends.
func (p *program) stuck() {
	p.t.Helper()
	p.shot("failure")
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		p.t.Log(err)
		return
	}
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
	}
}

// close asks the window to close, as the window manager's button does.
func (p *program) close() {
	p.tell("WM_PROTOCOLS", uint32(p.atom("WM_DELETE_WINDOW")), xproto.TimeCurrentTime, 0, 0, 0)
}

// find returns the window called Trilobyte that takes drops.
func (s *screen) find(w xproto.Window) xproto.Window {
	tree, err := xproto.QueryTree(s.x, w).Reply()
	if err != nil {
		return 0
	}
	for _, child := range tree.Children {
		name, err1 := xproto.GetProperty(s.x, false, child, xproto.AtomWmName, xproto.GetPropertyTypeAny, 0, 64).Reply()
		aware, err2 := xproto.GetProperty(s.x, false, child, s.atom("XdndAware"), xproto.GetPropertyTypeAny, 0, 1).Reply()
		if err1 == nil && err2 == nil && string(name.Value) == "Trilobyte" && aware.ValueLen > 0 {
			return child
		}
		if found := s.find(child); found != 0 {
			return found
		}
	}
	return 0
}

// until waits for a condition.
func (s *screen) until(what string, limit time.Duration, condition func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			s.shot("failure")
			s.t.Fatalf("it never happened: %s (see build/screenshots/failure.png)", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// look returns what is in a rectangle of the screen.
func (s *screen) look(r image.Rectangle) *image.RGBA {
	s.t.Helper()
	reply, err := xproto.GetImage(s.x, xproto.ImageFormatZPixmap, xproto.Drawable(s.root),
		int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), 0xFFFFFFFF).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	m := image.NewRGBA(r)
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = reply.Data[i+2], reply.Data[i+1], reply.Data[i], 0xFF
	}
	return m
}

// all is the whole screen.
func (s *screen) all() image.Rectangle {
	d := xproto.Setup(s.x).DefaultScreen(s.x)
	return image.Rect(0, 0, int(d.WidthInPixels), int(d.HeightInPixels))
}

// shot writes what is on the screen to build/screenshots.
func (s *screen) shot(name string) {
	s.t.Helper()
	folder := "../../build/screenshots"
	if err := os.MkdirAll(folder, 0o777); err != nil {
		s.t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, s.look(s.all())), file.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// at is where the window is on the screen.
func (p *program) at() image.Rectangle {
	p.t.Helper()
	g, err1 := xproto.GetGeometry(p.x, xproto.Drawable(p.window)).Reply()
	o, err2 := xproto.TranslateCoordinates(p.x, p.window, p.root, 0, 0).Reply()
	if err := errors.Join(err1, err2); err != nil {
		p.t.Fatal(err)
	}
	return image.Rect(0, 0, int(g.Width), int(g.Height)).Add(image.Pt(int(o.DstX), int(o.DstY)))
}

// primary are the accent colours of the themes.
var primary = []color.RGBA{{0xA6, 0x55, 0x09, 0xFF}, {0xE8, 0x97, 0x3F, 0xFF}}

// accented returns the areas in the accent colour that are as large as buttons,
// from left to right.
func accented(m *image.RGBA) []image.Rectangle {
	is := func(x, y int) bool {
		c := m.RGBAAt(x, y)
		return c == primary[0] || c == primary[1]
	}
	var areas []image.Rectangle
	seen := map[image.Point]bool{}
	for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
		for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
			if !is(x, y) || seen[image.Pt(x, y)] {
				continue
			}
			area := image.Rectangle{}
			next := []image.Point{{x, y}}
			seen[image.Pt(x, y)] = true
			for len(next) > 0 {
				p := next[len(next)-1]
				next = next[:len(next)-1]
				area = area.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
				for _, d := range []image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
					q := p.Add(d)
					if q.In(m.Rect) && is(q.X, q.Y) && !seen[q] {
						seen[q] = true
						next = append(next, q)
					}
				}
			}
			if area.Dx() > 50 && area.Dx() < 300 && area.Dy() >= 20 && area.Dy() < 60 {
				areas = append(areas, area)
			}
		}
	}
	return areas
}

// press waits for the button that the view is for, and clicks it.
func (p *program) press(what string) {
	p.t.Helper()
	var areas []image.Rectangle
	p.until("the button to "+what+" appears", 10*time.Second, func() bool {
		areas = accented(p.look(p.at()))
		return len(areas) == 1
	})
	p.click(areas[0].Min.Add(areas[0].Size().Div(2)))
}

// move moves the mouse.
func (s *screen) move(at image.Point) {
	xtest.FakeInput(s.x, xproto.MotionNotify, 0, 0, s.root, int16(at.X), int16(at.Y), 0)
	s.sync()
}

// drag moves the mouse from one place to another while its button is pressed.
func (s *screen) drag(from, to image.Point) {
	s.move(from)
	time.Sleep(100 * time.Millisecond)
	xtest.FakeInput(s.x, xproto.ButtonPress, 1, 0, s.root, 0, 0, 0)
	s.sync()
	const steps = 12
	for i := 1; i <= steps; i++ {
		s.move(from.Add(to.Sub(from).Mul(i).Div(steps)))
		time.Sleep(40 * time.Millisecond)
	}
	xtest.FakeInput(s.x, xproto.ButtonRelease, 1, 0, s.root, 0, 0, 0)
	s.sync()
	time.Sleep(300 * time.Millisecond)
}

// click clicks a place of the screen.
func (s *screen) click(at image.Point) {
	s.move(at)
	time.Sleep(100 * time.Millisecond)
	xtest.FakeInput(s.x, xproto.ButtonPress, 1, 0, s.root, 0, 0, 0)
	s.sync()
	time.Sleep(50 * time.Millisecond)
	xtest.FakeInput(s.x, xproto.ButtonRelease, 1, 0, s.root, 0, 0, 0)
	s.sync()
	time.Sleep(300 * time.Millisecond)
}

func (s *screen) sync() {
	if _, err := xproto.GetInputFocus(s.x).Reply(); err != nil {
		s.t.Fatal(err)
	}
}

// Keys, by their X11 keysyms.
const (
	keyControl = 0xffe3
	keyShift   = 0xffe1
	keyEscape  = 0xff1b
	keyUp      = 0xff52
	keyDown    = 0xff54
	keyPage    = 0xff56 // down
)

// code returns the key that has a keysym.
func (s *screen) code(keysym xproto.Keysym) byte {
	s.t.Helper()
	setup := xproto.Setup(s.x)
	first, count := setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)
	reply, err := xproto.GetKeyboardMapping(s.x, first, count).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	for i, k := range reply.Keysyms {
		if k == keysym {
			return byte(int(first) + i/int(reply.KeysymsPerKeycode))
		}
	}
	s.t.Fatalf("the keyboard has no %x", keysym)
	return 0
}

// hold does something while a key is held.
func (s *screen) hold(keysym xproto.Keysym, do func()) {
	s.t.Helper()
	c := s.code(keysym)
	xtest.FakeInput(s.x, xproto.KeyPress, c, 0, s.root, 0, 0, 0)
	s.sync()
	do()
	xtest.FakeInput(s.x, xproto.KeyRelease, c, 0, s.root, 0, 0, 0)
	s.sync()
}

// keys presses keys together, the last one at the end.
func (s *screen) keys(keysyms ...xproto.Keysym) {
	s.t.Helper()
	var codes []byte
	for _, k := range keysyms {
		codes = append(codes, s.code(k))
	}
	for _, c := range codes {
		xtest.FakeInput(s.x, xproto.KeyPress, c, 0, s.root, 0, 0, 0)
	}
	for i := len(codes) - 1; i >= 0; i-- {
		xtest.FakeInput(s.x, xproto.KeyRelease, codes[i], 0, s.root, 0, 0, 0)
	}
	s.sync()
}
