package ui

import (
	"runtime"

	"fyne.io/fyne/v2"

	"trilobyte/app/queue"
)

// settings are what the user can choose. They are kept in Fyne's preferences.
type settings struct {
	Folder      string // archives are written to; "": beside the source
	Preset      string // how much time to spend; "": the default
	Look        bool   // what is dropped is shown, with what it would save, before it is archived
	Verify      bool
	Wastebasket bool
	Jobs        int // at the same time
	Workers     int // cores; 0: all
	Backend     string
	Theme       string
	Language    string
}

// Keys of the preferences.
const (
	keyFolder      = "destination.folder"
	keyPreset      = "preset"
	keyLook        = "look.first"
	keyVerify      = "verify"
	keyWastebasket = "wastebasket"
	keyJobs        = "jobs"
	keyWorkers     = "workers"
	keyBackend     = "backend"
	keyTheme       = "theme"
	keyLanguage    = "language"
	keyWidth       = "window.width"
	keyHeight      = "window.height"
	keyRecent      = "archives.recent"
	keyTabs        = "archives.open"
)

// maxJobs is the most jobs at the same time that can be chosen.
const maxJobs = 8

func loadSettings(p fyne.Preferences) settings {
	return settings{
		Folder:      p.String(keyFolder),
		Preset:      p.String(keyPreset),
		Look:        p.Bool(keyLook),
		Verify:      p.BoolWithFallback(keyVerify, true),
		Wastebasket: p.BoolWithFallback(keyWastebasket, false),
		Jobs:        min(max(p.IntWithFallback(keyJobs, 1), 1), maxJobs),
		Workers:     min(max(p.IntWithFallback(keyWorkers, 0), 0), runtime.NumCPU()),
		Backend:     p.String(keyBackend),
		Theme:       p.String(keyTheme),
		Language:    p.String(keyLanguage),
	}
}

func (s settings) save(p fyne.Preferences) {
	p.SetString(keyFolder, s.Folder)
	p.SetString(keyPreset, s.Preset)
	p.SetBool(keyLook, s.Look)
	p.SetBool(keyVerify, s.Verify)
	p.SetBool(keyWastebasket, s.Wastebasket)
	p.SetInt(keyJobs, s.Jobs)
	p.SetInt(keyWorkers, s.Workers)
	p.SetString(keyBackend, s.Backend)
	p.SetString(keyTheme, s.Theme)
	p.SetString(keyLanguage, s.Language)
}

// options are the settings of the queue, where there are so many cores to work with.
func (s settings) options(cores int) queue.Options {
	return queue.Options{Folder: s.Folder, Preset: s.Preset, Verify: s.Verify, Wastebasket: s.Wastebasket, Jobs: s.Jobs, Workers: s.workers(cores)}
}

// workers is how many tasks are to be in work at the same time where there are so many
// cores. 0 is what the engine takes for itself.
func (s settings) workers(cores int) int {
	if s.Workers > 0 {
		return s.Workers
	}
	return cores
}

// Backend returns the backend that the user has chosen, or "" for the fastest.
func Backend(p fyne.Preferences) string { return p.String(keyBackend) }
