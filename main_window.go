//go:build cgo && !headless

package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"trilobyte/app/instance"
	"trilobyte/app/job"
	"trilobyte/app/power"
	"trilobyte/app/preset"
	"trilobyte/app/priority"
	"trilobyte/app/selftest"
	"trilobyte/app/wastebasket"
	"trilobyte/codec"
	"trilobyte/codec/backend"
	"trilobyte/codec/stream"
	"trilobyte/ui"
	"trilobyte/ui/filechooser"
	"trilobyte/ui/idle"
	"trilobyte/ui/sound"
)

// appID names the program to the desktop, and its preferences.
const appID = "org.trilobyte.Trilobyte"

//go:embed icon.png
var icon []byte

// openWindow opens the window, and paths in it, until it is closed. It returns
// the exit code.
func openWindow(paths []string) (code int) {
	if why := noDisplay(); why != "" {
		return noWindow(why)
	}
	opened := false
	defer func() {
		if opened {
			return
		}
		if r := recover(); r != nil { // how Fyne says that it cannot use the screen
			code = noWindow(fmt.Sprint(r))
		}
	}()
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Trilobyte", Version: version(), Icon: fyne.NewStaticResource("icon.png", icon)})
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("icon.png", icon))
	folder := a.Storage().RootURI().Path()
	only, err := instance.Join(folder, paths)
	switch {
	case err != nil: // this window is one more
		fmt.Fprintln(os.Stderr, "trilobyte:", err)
	case only == nil:
		return 0
	default:
		defer only.Close()
	}
	choice := backend.Choice{Backend: ui.Backend(a.Preferences())}
	if choice.Check() != nil { // the preferences are of another version
		choice = backend.Choice{}
	}
	presets, done, err := presets(choice)
	if err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte:", err)
		return 1
	}
	defer done()
	codec := presets["default"]
	model := codec.Coder.ID()
	// Work leaves what the window draws with room in Go's scheduler, and gives way to it on the cores: otherwise keys are answered
	// in some tenths of a second while all cores work.
	cores := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(cores + 2)
	var loop idle.Loop
	ctx, cancel := context.WithCancel(context.Background())
	var resting sync.WaitGroup
	defer resting.Wait()
	defer cancel()
	w := ui.New(ui.Config{
		App:      a,
		Engine:   job.Engine{Codec: codec},
		Presets:  presets,
		Cores:    cores,
		Journal:  filepath.Join(folder, "queue.jsonl"),
		History:  filepath.Join(folder, "history.jsonl"),
		Log:      filepath.Join(folder, "activity.jsonl"),
		Do:       loop.Do,
		Discard:  wastebasket.Move,
		Power:    powerOf(),
		Choose:   filechooser.Choose,
		Sound:    &sound.Output{},
		Backends: backend.Names,
		Test:     func(ctx context.Context) (ui.TestResult, error) { return selfTest(ctx, codec.Coder) },
		Version:  version(),
		Model:    fmt.Sprintf("%x", model[:8]),
	})
	a.Lifecycle().SetOnStarted(func() {
		opened = true
		resting.Go(func() { loop.Rest(ctx) })
		w.Open(paths)
		if only != nil {
			only.Serve(w.Handed)
		}
	})
	w.Show()
	a.Run()
	if err := w.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte:", err)
		return 1
	}
	return 0
}

// powerOf returns what has the computer sleep or shut down, or nil where there is no program for that.
func powerOf() func(power.Action) error {
	if !power.Can(power.Sleep) || !power.Can(power.ShutDown) {
		return nil
	}
	return power.Do
}

// presets returns the codecs of all presets. The caller calls done when they are not needed any more.
func presets(choice backend.Choice) (byName map[string]job.Codec, done func(), err error) {
	byName = map[string]job.Codec{}
	var ends []func() error
	done = func() {
		for _, end := range ends {
			end()
		}
	}
	warn := func(err error) { fyne.LogError("The language model's backend", err) }
	for _, name := range codec.Presets() {
		c, end, err := codecs.Codec(preset.Choice{Preset: name, Backend: choice}, backend.Encoding, warn)
		if err != nil {
			done()
			return nil, nil, err
		}
		c.Enter = priority.Lower
		byName[name], ends = c, append(ends, end)
	}
	return byName, done, nil
}

// noDisplay says why there is no screen, or returns "".
func noDisplay() string {
	switch runtime.GOOS {
	case "windows", "darwin":
		return ""
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set). Everything can be done with the commands above"
	}
	return ""
}

// selfTest tests the coder, and all that this machine can compute with.
func selfTest(ctx context.Context, coder stream.SegmentCoder) (ui.TestResult, error) {
	var r ui.TestResult
	var err error
	if r.Encoding, r.Decoding, err = selftest.Run(ctx, coder); err != nil {
		return r, err
	}
	survey, err := codecs.Survey(ctx, []int{1, 64})
	for _, d := range survey.Devices {
		name := d.Backend
		if d.Device != "-" {
			name += " " + d.Device
		}
		r.Devices = append(r.Devices, ui.Device{Name: name, InUse: d.InUse, Err: d.Err})
	}
	for _, g := range survey.GPUs {
		r.Devices = append(r.Devices, ui.Device{Name: fmt.Sprintf("%s %s, %d GB", g.Device, g.Name, g.Memory/1e9), Err: g.Err})
	}
	return r, err
}
