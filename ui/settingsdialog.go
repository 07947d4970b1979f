package ui

import (
	"context"
	"fmt"
	"runtime"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// numbers returns the numbers from one to another, as texts.
func numbers(from, to int) []string {
	var texts []string
	for n := from; n <= to; n++ {
		texts = append(texts, strconv.Itoa(n))
	}
	return texts
}

// showSettings opens the settings. What is changed holds at once.
func (w *Window) showSettings() {
	s := &settingsForm{window: w, modal: w.newModal(), now: w.settings}
	w.form = s
	s.modal.closed = s.close
	s.modal.tell(tr("Settings"), tr("Close"), s.content(), fyne.NewSize(640, 620))
}

// settingsForm is the content of the settings.
type settingsForm struct {
	window *Window
	modal  *modal
	now    settings
	folder *folderEntry
	where  *modalChoice
	basket *modalCheck
	result *widget.Label
	next   *widget.Label // what holds from the next start on
	test   *modalButton
	cancel context.CancelFunc // of a self-test in work
}

func (s *settingsForm) content() fyne.CanvasObject {
	s.result = widget.NewLabel("")
	s.result.Wrapping = fyne.TextWrapWord
	heading := func(text string) fyne.CanvasObject {
		return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	}
	content := container.NewVBox(
		heading(tr("Archives")), s.destination(), s.checks(),
		widget.NewSeparator(), heading(tr("Work")), s.work(),
		widget.NewSeparator(), heading(tr("Computing")), s.computing(),
		widget.NewSeparator(), heading(tr("Window")), s.appearance(),
	)
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), content)) // beside the scroll bar
}

// field is a setting with its name. All begin in the same column.
func field(name string, setting fyne.CanvasObject) fyne.CanvasObject {
	return container.NewGridWithColumns(2, widget.NewLabel(name), setting)
}

// changed has the settings hold and keeps them.
func (s *settingsForm) changed() {
	w := s.window
	w.settings = s.now
	s.now.save(w.config.App.Preferences())
	w.queue.SetOptions(s.now.options(w.config.Cores))
}

func (s *settingsForm) destination() fyne.CanvasObject {
	const beside, folder = "beside", "folder"
	s.folder = s.modal.folder(s.now.Folder)
	now := beside
	if s.now.Folder != "" {
		now = folder
	}
	s.where = s.modal.choice([]string{beside, folder}, []string{tr("Beside what they are made of"), tr("In this folder:")}, now, func(where string) {
		s.now.Folder = ""
		if where == folder {
			s.now.Folder = s.folder.Text
		}
		s.changed()
	})
	s.folder.OnChanged = func(text string) {
		if s.now.Folder = text; text != "" {
			s.where.SetSelectedIndex(1)
		}
		s.changed()
	}
	return container.NewGridWithColumns(2, s.where, s.folder.row)
}

func (s *settingsForm) checks() fyne.CanvasObject {
	s.basket = s.modal.check(tr("Move the originals to the wastebasket when the archive is verified"), nil)
	s.basket.SetChecked(s.now.Wastebasket)
	verify := s.modal.check(tr("Verify: decode each archive again and compare, before it counts as done"), nil)
	verify.SetChecked(s.now.Verify)
	enableCheck(s.basket, s.now.Verify && s.window.config.Discard != nil)
	verify.OnChanged = func(on bool) {
		s.now.Verify = on
		if !on {
			s.basket.SetChecked(false)
		}
		enableCheck(s.basket, on && s.window.config.Discard != nil)
		s.changed()
	}
	s.basket.OnChanged = s.wastebasket
	look := s.modal.check(tr("Show what would be saved before work begins"), nil)
	look.SetChecked(s.now.Look)
	look.OnChanged = func(on bool) {
		s.now.Look = on
		s.changed()
	}
	return container.NewVBox(look, verify, s.basket)
}

func enableCheck(c *modalCheck, on bool) {
	if on {
		c.Enable()
	} else {
		c.Disable()
	}
}

// wastebasket asks before originals are moved.
func (s *settingsForm) wastebasket(on bool) {
	s.now.Wastebasket = false
	if !on {
		s.changed()
		return
	}
	s.window.confirm(tr("Move originals to the wastebasket?"),
		tr("From now on, folders disappear from their place once their archive was\nread again from the disk, decoded, and agrees with them in every byte.\nIf anything at all is not in the archive, they stay."),
		tr("Move them"), tr("Leave them"), func(yes bool) {
			if !yes {
				s.basket.SetChecked(false)
				return
			}
			s.now.Wastebasket = true
			s.changed()
		})
}

func (s *settingsForm) work() fyne.CanvasObject {
	jobs := s.modal.choice(numbers(1, maxJobs), numbers(1, maxJobs), strconv.Itoa(s.now.Jobs), func(v string) {
		s.now.Jobs, _ = strconv.Atoi(v)
		s.changed()
	})
	values := append([]string{"0"}, numbers(1, runtime.NumCPU())...)
	labels := append([]string{capital(tr("all ({{.N}})", words{"N": runtime.NumCPU()}))}, values[1:]...)
	workers := s.modal.choice(values, labels, strconv.Itoa(s.now.Workers), func(v string) {
		s.now.Workers, _ = strconv.Atoi(v)
		s.changed()
	})
	preset := s.modal.choice(presetNames(), capitals(presetText("fast"), presetText(""), presetText("max")), s.now.Preset, func(v string) {
		s.now.Preset = v
		s.changed()
	})
	return container.NewVBox(field(tr("Size or speed"), preset), field(tr("Jobs at the same time"), jobs), field(tr("Processor cores"), workers))
}

func (s *settingsForm) computing() fyne.CanvasObject {
	var values, labels []string
	for i, name := range s.window.config.Backends {
		values, labels = append(values, name), append(labels, capital(backendText(name)))
		if i == 0 {
			values[0] = ""
		}
	}
	backend := s.modal.choice(values, labels, s.now.Backend, func(v string) {
		s.now.Backend = v
		s.changed()
		s.result.SetText(tr("Trilobyte computes with it from its next start on. Archives are the same, whatever computes."))
	})
	s.test = s.modal.button(tr("Self-test"), nil, s.selfTest)
	s.test.Hidden = s.window.config.Test == nil
	return container.NewVBox(
		field(tr("Compute with"), backend),
		container.NewBorder(nil, nil, container.NewVBox(s.test), nil, s.result),
	)
}

// backendText explains what a backend is.
func backendText(name string) string {
	switch name {
	case "auto":
		return tr("the fastest that there is")
	case "go":
		return tr("plain Go, which any processor can do")
	case "simd":
		return tr("the vector instructions of the processor")
	case "cuda":
		return tr("NVIDIA graphics cards and the processor together")
	case "onnx":
		return tr("ONNX Runtime: the graphics card, if there is one")
	}
	return name
}

// selfTest tests what computes, beside the main goroutine.
func (s *settingsForm) selfTest() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.test.Disable()
	s.result.SetText(tr("testing…"))
	s.window.wg.Go(func() {
		defer cancel()
		result, err := s.window.config.Test(ctx)
		text := resultText(result, err)
		s.window.do(func() {
			s.result.SetText(text)
			s.test.Enable()
		})
	})
}

// resultText is what a self-test has found, for people.
func resultText(r TestResult, err error) string {
	if err != nil {
		return faultText(err)
	}
	text := tr("Passed: what was coded came back the same. Encoding {{.Encoding}}, decoding {{.Decoding}} x real time, on one core.",
		words{"Encoding": localized(fmt.Sprintf("%.1f", r.Encoding)), "Decoding": localized(fmt.Sprintf("%.1f", r.Decoding))})
	for _, d := range r.Devices {
		state := tr("passed")
		switch {
		case d.Err != nil:
			state = faultText(d.Err)
		case d.InUse:
			state = tr("passed, in use")
		}
		text += "\n" + d.Name + ": " + state
	}
	return text
}

func (s *settingsForm) appearance() fyne.CanvasObject {
	theme := s.modal.choice([]string{themeSystem, themeLight, themeDark}, capitals(tr("the system's"), tr("light"), tr("dark")), s.now.Theme, func(v string) {
		s.now.Theme = v
		s.changed()
		s.window.config.App.Settings().SetTheme(newLook(v))
	})
	language := s.modal.choice([]string{languageSystem, languageEnglish, languageGerman}, capitals(tr("the system's"), "English", "Deutsch"), s.now.Language, func(v string) {
		s.now.Language = v
		s.changed()
		s.next.Show()
	})
	s.next = widget.NewLabel(tr("The language changes when Trilobyte starts the next time."))
	s.next.Wrapping = fyne.TextWrapWord
	s.next.Hide()
	return container.NewVBox(field(tr("Colours"), theme), field(tr("Language"), language), s.next)
}

// close ends what the dialog has started.
func (s *settingsForm) close() {
	if s.cancel != nil {
		s.cancel()
	}
}
