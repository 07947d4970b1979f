package ui

import (
	"context"
	"image/color"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/job"
	"trilobyte/app/progress"
)

// preview shows what was dropped, and about what would be saved, before work begins.
// How it is to be archived can be chosen there.
type preview struct {
	window *Window
	modal  *modal
	paths  []string
	preset string // that is chosen

	names  *widget.Label
	facts  *widget.Label
	bar    *slimBar
	choice *modalRadio
	kept   *widget.Label

	cancel   context.CancelFunc // of the estimate in work
	progress *progress.Progress
	result   chan estimated // of it, once
}

// estimated is what an estimate has come to.
type estimated struct {
	estimate *job.Estimate
	err      error
}

// preview shows paths before they are archived, beside those that are shown already.
func (w *Window) preview(paths []string) {
	p := w.ahead
	if p == nil {
		p = &preview{window: w, modal: w.newModal(), preset: w.settings.Preset}
		w.ahead = p
		p.show()
	}
	for _, path := range paths {
		if !slices.Contains(p.paths, path) {
			p.paths = append(p.paths, path)
		}
	}
	p.begin()
}

func (p *preview) show() {
	wrapped := func() *widget.Label {
		l := widget.NewLabel("")
		l.Wrapping = fyne.TextWrapWord
		return l
	}
	p.names, p.facts, p.kept = wrapped(), wrapped(), wrapped()
	p.bar = newSlimBar()
	p.choice = p.modal.radio(func(i int) { p.preset = presetNames()[i] })
	p.choice.set(capitals(presetText("fast"), presetText(""), presetText("max")), slices.Index(presetNames(), p.preset))
	where := tr("Each archive is written beside what it is made of.")
	if folder := p.window.settings.Folder; folder != "" {
		where = tr("The archives are written into {{.Folder}}.", words{"Folder": folder})
	}
	place := wrapped()
	place.SetText(where)
	content := container.NewVBox(p.names, p.facts, p.bar, widget.NewLabelWithStyle(tr("What would be saved"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), p.choice, p.kept, place)
	p.modal.closed = p.close
	p.modal.accept = func() {
		p.modal.dismiss()
		p.start()
	}
	start := p.modal.button(tr("Start"), theme.MediaPlayIcon(), p.modal.accept)
	start.Importance = widget.HighImportance
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(190, 44))
	p.modal.show(tr("Before it is archived"), container.NewVScroll(content), fyne.NewSize(620, 470),
		p.modal.button(tr("Cancel"), theme.CancelIcon(), p.modal.dismiss), container.NewStack(room, start))
	p.modal.focus(start)
}

// begin begins to estimate, beside the main goroutine.
func (p *preview) begin() {
	if p.cancel != nil {
		p.cancel()
	}
	p.names.SetText(pathsText(p.paths))
	p.facts.SetText(tr("Listening to samples of the recordings…"))
	w := p.window
	ctx, cancel := w.untilClosed()
	result, running := make(chan estimated, 1), progress.New(1)
	p.cancel, p.result, p.progress = cancel, result, running
	engine := w.config.Engine
	engine.Workers = w.settings.workers(w.config.Cores)
	engine.Events = func(ev job.Event) {
		running.Event(ev)
		w.touch()
	}
	o := job.EstimateOptions{Paths: slices.Clone(p.paths), Presets: w.presetCoders()}
	w.wg.Go(func() {
		defer cancel()
		e, err := engine.Estimate(ctx, o)
		result <- estimated{e, err}
		w.touch()
	})
}

// presetCoders are the coders of all presets that there are, the usual one first.
func (w *Window) presetCoders() []job.PresetCoder {
	coders := []job.PresetCoder{{Name: "", Coder: w.config.Engine.Codec.Coder}}
	for _, name := range presetNames() {
		if codec, ok := w.config.Presets[name]; ok && name != "" {
			coders = append(coders, job.PresetCoder{Name: name, Coder: codec.Coder})
		}
	}
	return coders
}

// pathsText names what is to be archived.
func pathsText(paths []string) string {
	const most = 4
	var names []string
	for _, path := range paths[:min(len(paths), most)] {
		names = append(names, filepath.Base(path)+"  ·  "+filepath.Dir(path))
	}
	if more := len(paths) - most; more > 0 {
		names = append(names, tr("and {{.N}} more", words{"N": more}))
	}
	return strings.Join(names, "\n")
}

// update shows how far the estimate is, or what it has come to.
func (p *preview) update() {
	p.bar.set(p.progress.Now().Fraction)
	select {
	case r := <-p.result:
		p.bar.set(1)
		if r.err != nil {
			p.facts.SetText(faultText(r.err))
			return
		}
		p.tell(r.estimate)
	default:
	}
}

// tell shows an estimate.
func (p *preview) tell(e *job.Estimate) {
	p.facts.SetText(estimateText(e))
	labels := make([]string, len(presetNames()))
	for i, name := range presetNames() {
		labels[i] = capital(presetText(name))
		for _, preset := range e.Presets {
			if preset.Name == name {
				labels[i] = joined(labels[i], presetEstimateText(e, preset))
			}
		}
	}
	p.choice.set(labels, slices.Index(presetNames(), p.preset))
	var kept []string
	for i, k := range e.Kept {
		if i == 3 {
			kept = append(kept, tr("and {{.N}} more", words{"N": len(e.Kept) - i}))
			break
		}
		kept = append(kept, k.Name+": "+keptWhole(k.Why))
	}
	p.kept.SetText(strings.Join(kept, "\n"))
}

// estimateText says what there is.
func estimateText(e *job.Estimate) string {
	text := joined(filesText(e.Files)+", "+bytesText(e.Bytes), recordingsText(e.Recordings), lengthText(e.Audio))
	if e.FLAC > 0 {
		text = joined(text, tr("FLAC needs {{.Size}} for its recordings", words{"Size": bytesText(e.FLAC)}))
	}
	switch {
	case e.Copies == 1:
		text = joined(text, tr("1 file is a copy, and is stored once"))
	case e.Copies > 1:
		text = joined(text, tr("{{.N}} files are copies, and are stored once", words{"N": e.Copies}))
	}
	if e.Failed > 0 {
		text = joined(text, tr("{{.Files}} cannot be archived", words{"Files": filesText(e.Failed)}))
	}
	return text
}

// presetEstimateText says what a preset would make of it.
func presetEstimateText(e *job.Estimate, p job.PresetEstimate) string {
	saving := ""
	switch s := e.Saving(p); {
	case e.FLAC == 0:
	case s >= 0:
		saving = tr("{{.Percent}} below FLAC", words{"Percent": percentText(s)})
	default:
		saving = tr("{{.Percent}} above FLAC", words{"Percent": percentText(-s)})
	}
	took := ""
	if p.Time > 0 {
		took = tr("takes about {{.Time}}", words{"Time": durationText(max(p.Time.Round(time.Second), time.Second))})
	}
	return joined(tr("about {{.Size}}", words{"Size": bytesText(p.Archive)}), saving, took)
}

// start archives what is shown.
func (p *preview) start() {
	w := p.window
	paths, preset := p.paths, p.preset
	w.wg.Go(func() {
		w.queue.AddWith(preset, paths)
		w.queue.Start()
		w.touch()
	})
	w.tabs.Select(w.queueTab)
}

// close ends the estimate.
func (p *preview) close() {
	p.cancel()
	p.window.ahead = nil
}
