package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"trilobyte/ui/filechooser"
)

// choose has the user choose files or a folder: in the dialog of the system or, where
// there is none, by a path that is typed, or chosen in the toolkit's dialog. then gets
// the paths, of which there is at least one.
func (w *Window) choose(r filechooser.Request, then func(paths []string)) {
	w.ask(r, then, func() { w.typePath(r, then) })
}

// ask opens the dialog of the system. If there is none, instead is called.
func (w *Window) ask(r filechooser.Request, then func(paths []string), instead func()) {
	if w.config.Choose == nil {
		instead()
		return
	}
	if w.choosing { // one dialog is enough
		return
	}
	w.choosing = true
	r.Parent = w.handle()
	ctx, cancel := w.untilClosed()
	w.wg.Go(func() {
		defer cancel()
		paths, err := w.config.Choose(ctx, r)
		w.do(func() {
			w.choosing = false
			switch {
			case w.closed, errors.Is(err, context.Canceled):
			case errors.Is(err, filechooser.ErrNone):
				instead()
			case err != nil:
				w.log.add(true, faultText(err))
				instead()
			case len(paths) > 0:
				then(paths)
			}
		})
	})
}

// handle names the window to the desktop's file dialog, so that it stays above it.
func (w *Window) handle() (name string) {
	if native, ok := w.win.(driver.NativeWindow); ok {
		native.RunNative(func(context any) {
			if x, ok := context.(driver.X11WindowContext); ok {
				name = fmt.Sprintf("x11:%x", x.WindowHandle)
			}
		})
	}
	return name
}

// typePath has a path typed, or chosen in the toolkit's dialog.
func (w *Window) typePath(r filechooser.Request, then func(paths []string)) {
	m := w.newModal()
	path := m.path("")
	path.SetPlaceHolder(tr("Path of a folder, a recording or an archive"))
	choose := m.button(tr("Choose…"), theme.FolderOpenIcon(), func() {
		w.browse(r, func(chosen string) { path.SetText(chosen) })
	})
	m.ask(r.Title, r.Accept, tr("Cancel"), container.NewBorder(nil, nil, nil, choose, path), fyne.NewSize(600, 0), func() {
		if text := strings.TrimSpace(path.Text); text != "" {
			then([]string{text})
		}
	})
	m.focus(path)
}

// fileDialogSize is the size of the toolkit's file dialogs.
var fileDialogSize = fyne.NewSize(800, 560)

// browse opens the toolkit's dialog, which knows one file or folder at a time.
func (w *Window) browse(r filechooser.Request, then func(path string)) {
	if r.Folder {
		d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
			if folder != nil {
				then(folder.Path())
			} else {
				w.notChosen(err)
			}
		}, w.win)
		d.Resize(fileDialogSize)
		d.Show()
		return
	}
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if file != nil {
			file.Close() // is opened by the work itself
			then(file.URI().Path())
		} else {
			w.notChosen(err)
		}
	}, w.win)
	if len(r.Extensions) > 0 {
		extensions := slices.Clone(r.Extensions)
		for _, e := range r.Extensions {
			extensions = append(extensions, strings.ToUpper(e))
		}
		d.SetFilter(storage.NewExtensionFileFilter(extensions))
	}
	d.Resize(fileDialogSize)
	d.Show()
}

// notChosen says why nothing was chosen, if it was not the user.
func (w *Window) notChosen(err error) {
	if err != nil {
		w.banner.show(faultText(err), false, "", nil)
	}
}
