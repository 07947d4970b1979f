package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"trilobyte/app/job"
	"trilobyte/app/listen"
	"trilobyte/app/power"
	"trilobyte/ui/filechooser"
)

// Config is what a Window is made with.
type Config struct {
	App     fyne.App
	Engine  job.Engine           // its Codec is what the window works with
	Presets map[string]job.Codec // what archives can be made with, by the names in codec.Presets
	Journal string               // path of the queue's journal; it is not kept if ""
	History string               // path of the history of what was archived; the same
	Log     string               // path of the activity log; the same
	// Cores is how many there are to work with; 0: as many as Go uses.
	Cores int
	// Do has a function run on the main goroutine, soon: fyne.Do. The window has
	// no more waiting there than it has goroutines.
	Do func(func())
	// Discard moves a file to the wastebasket. It may be nil.
	Discard func(path string) error
	// Choose opens the file dialog of the system, as filechooser.Choose does. It may
	// be nil: then there is none.
	Choose func(ctx context.Context, r filechooser.Request) (paths []string, err error)
	// Power has the computer sleep or shut down. It may be nil.
	Power func(power.Action) error
	// Sound plays sound. Without it, nothing can be listened to.
	Sound    listen.Device
	Backends []string // names of what can compute the language model; the first one is usual
	Test     SelfTest // nil: there is none
	Version  string
	Model    string // identity of the model, hexadecimal
}

// Device is something that the language model can be computed on.
type Device struct {
	Name  string
	InUse bool
	Err   error // why it cannot be used; nil if its known answers are right
}

// TestResult is what a self-test has found.
type TestResult struct {
	Encoding, Decoding float64 // x real time
	Devices            []Device
}

// SelfTest codes and decodes a sound, and has every device give its known
// answers. The error says that the sound did not come back as it was.
type SelfTest func(ctx context.Context) (TestResult, error)
