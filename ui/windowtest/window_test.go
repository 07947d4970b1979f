//go:build window

package windowtest

import (
	"bytes"
	"errors"
	"image"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// music copies the demo's sounds to a folder with a name that is hard to send,
// and keeps their times.
func music(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "Mein Album #1 100% ö")
	if err := os.CopyFS(root, os.DirFS("../../testdata/demo")); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2001, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	if err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, at, at))
	}); err != nil {
		t.Fatal(err)
	}
	return root
}

// exists says whether there is a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// same makes sure that one folder is another one, byte for byte.
func same(t *testing.T, want, got string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(want, path)
		info1, err1 := d.Info()
		info2, err2 := os.Stat(filepath.Join(got, relative))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !info1.ModTime().Equal(info2.ModTime()) || info1.Mode() != info2.Mode() {
			t.Errorf("%s has another time or mode", relative)
		}
		if d.IsDir() {
			return nil
		}
		count++
		a, err1 := os.ReadFile(path)
		b, err2 := os.ReadFile(filepath.Join(got, relative))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs", relative)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d files compared", count)
}

// leftovers are the files of ours in a folder.
func leftovers(t testing.TB, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if strings.Contains(e.Name(), "trilobyte") {
			names = append(names, e.Name())
		}
	}
	return names
}

// light is the preference for the light theme.
const light = `{"theme": "light"}`

func TestDropCompressDropRestore(t *testing.T) {
	source := music(t)
	p := newScreen(t, 1100, 760).open(light, nil)
	p.shot("empty")
	p.drop(source)
	folder := filepath.Dir(source)
	p.until("work begins", 20*time.Second, func() bool { return len(leftovers(t, folder)) > 0 })
	time.Sleep(3 * time.Second)
	p.shot("working")
	archive := source + ".trilobyte"
	p.until("the archive is there", 5*time.Minute, func() bool { return exists(archive) })
	time.Sleep(time.Second)
	p.shot("finished")
	if names := leftovers(t, folder); len(names) != 1 {
		t.Errorf("there is %q", names)
	}
	if out, err := exec.Command(path(t), "verify", archive).CombinedOutput(); err != nil {
		t.Errorf("the archive is not sound: %v\n%s", err, out)
	}

	elsewhere := filepath.Join(t.TempDir(), "copy.trilobyte")
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(elsewhere, content, 0o666); err != nil {
		t.Fatal(err)
	}
	p.drop(elsewhere)
	time.Sleep(2 * time.Second)
	p.shot("archive")
	p.press("restore all")
	time.Sleep(time.Second)
	p.shot("restore")
	p.press("restore")
	restored := filepath.Join(filepath.Dir(elsewhere), filepath.Base(source))
	p.until("everything is restored", 5*time.Minute, func() bool {
		// The folder's own time is set last.
		info, err := os.Stat(restored)
		return err == nil && info.ModTime().Year() == 2001
	})
	time.Sleep(time.Second)
	p.shot("restored")
	same(t, source, restored)
}

func TestCancelLeavesNothingBehind(t *testing.T) {
	root := recordings(t, 1, 60)[0]
	p := newScreen(t, 1100, 760).open(light, nil)
	p.drop(root)
	folder := filepath.Dir(root)
	p.until("work begins", 20*time.Second, func() bool { return len(leftovers(t, folder)) > 0 })
	time.Sleep(time.Second)
	p.keys(keyControl, '.')
	p.until("nothing is left behind", 10*time.Second, func() bool { return len(leftovers(t, folder)) == 0 })
	time.Sleep(time.Second)
	p.shot("cancelled")
	if names := leftovers(t, folder); len(names) > 0 {
		t.Errorf("there is %q", names)
	}
}

func TestWorkGoesOnAfterAPowerCut(t *testing.T) {
	source := recordings(t, 1, 20)[0] // so much that it is not done before the power cut
	folder, archive := filepath.Dir(source), source+".trilobyte"
	s := newScreen(t, 1100, 760)
	p := s.open(light, nil)
	p.drop(source)
	p.until("work begins", 20*time.Second, func() bool { return len(leftovers(t, folder)) > 0 })
	time.Sleep(time.Second / 4)
	p.kill()
	if exists(archive) {
		t.Fatal("the archive has its name although it is not finished")
	}
	p = s.open(light, nil)
	p.shot("back")
	p.press("start")
	p.until("the archive is there", 5*time.Minute, func() bool { return exists(archive) })
	if out, err := exec.Command(path(t), "verify", archive).CombinedOutput(); err != nil {
		t.Errorf("the archive is not sound: %v\n%s", err, out)
	}
	if names := leftovers(t, folder); len(names) != 1 {
		t.Errorf("there is %q", names)
	}
}

func TestClosingAsksWhileWorkGoesOn(t *testing.T) {
	root := recordings(t, 1, 60)[0]
	p := newScreen(t, 1100, 760).open(light, nil)
	p.drop(root)
	p.until("work begins", 20*time.Second, func() bool { return len(leftovers(t, filepath.Dir(root))) > 0 })
	p.close()
	time.Sleep(time.Second)
	p.shot("close")
	select {
	case err := <-p.exited:
		t.Fatal("it closes without asking:", err)
	default:
	}
	p.press("close")
	select {
	case err := <-p.exited:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not close")
	}
	if exists(root + ".trilobyte") {
		t.Error("half an archive has the name of a whole one")
	}
}

// What cannot be used is said at once, not when something else is drawn.
func TestMessageAppearsAtOnce(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	p := newScreen(t, 1100, 760).open(light, nil)
	bottom := p.at()
	bottom.Min.Y = bottom.Max.Y - 100
	before := p.look(bottom)
	p.drop(text)
	p.until("the window says that it cannot be used", 10*time.Second, func() bool { return !bytes.Equal(before.Pix, p.look(bottom).Pix) })
}

func TestErrorsSettingsAndDarkTheme(t *testing.T) {
	p := newScreen(t, 1100, 760).open(`{"theme": "dark"}`, nil)
	dir := t.TempDir()
	empty := filepath.Join(dir, "Empty")
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	p.drop(empty, text)
	time.Sleep(time.Second)
	p.keys(keyDown)
	time.Sleep(time.Second)
	p.shot("error")
	p.keys(keyControl, ',')
	time.Sleep(time.Second)
	p.shot("settings")
	p.keys(keyEscape)
	source := music(t)
	p.drop(source)
	p.until("work begins", 20*time.Second, func() bool { return len(leftovers(t, filepath.Dir(source))) > 0 })
	time.Sleep(4 * time.Second)
	p.shot("dark")
}

func TestSmallScreenInGerman(t *testing.T) {
	p := newScreen(t, 800, 600).open(`{"theme": "light", "language": "de"}`, nil, music(t))
	time.Sleep(4 * time.Second)
	p.shot("small-german")
	if size := p.at().Size(); size.X > 800 || size.Y > 600 {
		t.Errorf("the window does not fit on a small screen: %v", size)
	}
}

// A double-clicked archive opens in the window that there is.
func TestSecondStartOpensInTheWindowThatThereIs(t *testing.T) {
	p := newScreen(t, 1100, 760).open(light, nil)
	archive, err := filepath.Abs("../../testdata/golden/fast.trilobyte")
	if err != nil {
		t.Fatal(err)
	}
	second := exec.Command(path(t), archive)
	second.Env = p.cmd.Env
	if out, err := second.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("the second start: %v\n%s", err, out)
	}
	p.until("the archive is shown", 10*time.Second, func() bool {
		areas := accented(p.look(p.at()))
		return len(areas) == 1 && areas[0].Min.X < p.at().Min.X+20 // restores all
	})
	p.shot("handed-over")
}

// Tips, and the several rows that Shift selects, with the real mouse.
func TestTipsAndSeveralRows(t *testing.T) {
	archive, err := filepath.Abs("../../testdata/golden/fast.trilobyte")
	if err != nil {
		t.Fatal(err)
	}
	p := newScreen(t, 1100, 760).open(light, nil, archive)
	p.until("the archive is shown", 10*time.Second, func() bool { return len(accented(p.look(p.at()))) == 1 })
	row := p.at().Min.Add(image.Pt(300, 220))
	p.click(row)
	p.hold(keyShift, func() { p.click(row.Add(image.Pt(0, 84))) })
	before := p.look(p.at())
	p.click(row.Add(image.Pt(550, -88))) // the title of a column
	p.until("the list is sorted", 5*time.Second, func() bool { return !bytes.Equal(before.Pix, p.look(p.at()).Pix) })
	p.shot("sorted")
	p.move(row.Add(image.Pt(550, 168)))
	time.Sleep(100 * time.Millisecond)
	before = p.look(p.at())
	p.until("a tip appears", 5*time.Second, func() bool { return !bytes.Equal(before.Pix, p.look(p.at()).Pix) })
	p.shot("tip")
}

// Jobs are dragged into another order with the real mouse.
func TestDragJobs(t *testing.T) {
	p := newScreen(t, 1100, 760).open(light, nil)
	p.keys(keyControl, 'p') // nothing begins
	p.drop(recordings(t, 2, 1)...)
	place := p.at().Min
	rows := image.Rect(place.X, place.Y+95, place.X+400, place.Y+400)
	time.Sleep(2 * time.Second)
	before := p.look(rows)
	p.shot("before-drag")
	p.drag(place.Add(image.Pt(150, 130)), place.Add(image.Pt(150, 190)))
	p.move(place.Add(image.Pt(700, 60)))
	time.Sleep(500 * time.Millisecond)
	p.shot("dragged")
	if bytes.Equal(before.Pix, p.look(rows).Pix) {
		t.Error("nothing was moved")
	}
}
