// Package filechooser opens the file dialog of the system, where that has one that
// can be asked for. On Linux that is the desktop's own, by way of XDG Desktop
// Portal, which GNOME, KDE and most others have. Elsewhere there is none yet.
package filechooser

import (
	"context"
	"errors"
)

// Request is what is to be chosen.
type Request struct {
	Title      string
	Accept     string   // what the button says
	Folder     bool     // a folder, instead of files
	Several    bool     // or more than one
	Kind       string   // what the files are called
	Extensions []string // of the files, with their dots, in lower case; any if there are none
	Dir        string   // the folder where to begin; "": where the system does
	Parent     string   // the window that asks, as the portal names it ("x11:" and its number in hexadecimal), or ""
}

// ErrNone says that this system has no file dialog that can be asked for. The user
// has seen nothing then.
var ErrNone = errors.New("this system has no file dialog that can be asked for")

// Choose has the user choose, and returns the paths: none if the user has cancelled.
// It waits for that. When the context ends, the dialog is closed.
func Choose(ctx context.Context, r Request) (paths []string, err error) { return choose(ctx, r) }
