//go:build cgo && !headless

package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"trilobyte/app/job"
	"trilobyte/app/selftest"
	"trilobyte/app/wastebasket"
	"trilobyte/codec/backend"
	"trilobyte/codec/kernel"
	"trilobyte/ui"
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
	defer func() {
		if r := recover(); r != nil {
			code = noWindow(fmt.Sprint(r))
		}
	}()
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Trilobyte", Version: version, Icon: fyne.NewStaticResource("icon.png", icon)})
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("icon.png", icon))
	if path := ui.Backend(a.Preferences()); path != "" && os.Getenv(kernel.Variable) == "" {
		if err := kernel.Use(kernel.Path(path)); err != nil { // the machine has changed: the fastest one stays in use
			fyne.LogError("The chosen processor path", err)
		}
	}
	codec, done, err := codecs.Codec(backend.Choice{Backend: "auto"}, backend.Encoding, func(err error) {
		fyne.LogError("The language model's backend", err)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte:", err)
		return 1
	}
	defer done()
	model := codec.Coder.ID()
	w := ui.New(ui.Config{
		App:     a,
		Engine:  job.Engine{Codec: codec},
		Journal: filepath.Join(a.Storage().RootURI().Path(), "queue.jsonl"),
		Do:      fyne.DoAndWait,
		Discard: wastebasket.Move,
		Sound:   &sound.Output{},
		Devices: devices(),
		Test: func(ctx context.Context) (float64, float64, error) {
			return selftest.Run(ctx, codec.Coder)
		},
		Version: version,
		Model:   fmt.Sprintf("%x", model[:8]),
	})
	a.Lifecycle().SetOnStarted(func() { w.Open(paths) })
	w.Show()
	a.Run()
	if err := w.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte:", err)
		return 1
	}
	return 0
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

// devices are the ways in which this machine's processor can compute.
func devices() []ui.Device {
	about := map[kernel.Path]string{
		kernel.Go:     "plain Go, on any processor",
		kernel.AVX2:   "256-bit vectors",
		kernel.AVX512: "512-bit vectors",
	}
	var all []ui.Device
	for _, s := range kernel.Survey() {
		all = append(all, ui.Device{Name: string(s.Path), About: about[s.Path], InUse: s.InUse, Err: s.Err})
	}
	return all
}
