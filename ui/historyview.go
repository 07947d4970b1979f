package ui

import (
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/saved"
)

// historyView shows what was archived in all, and what that has saved.
type historyView struct {
	window  *Window
	history *saved.History
	root    fyne.CanvasObject
	sum     *widget.Label // what was saved
	base    *widget.Label // what that counts
	list    *lineList
	records []saved.Record // the newest first
	count   int            // of all that these were taken from; -1: nothing was shown yet
}

// historyColumns are the columns of the history.
func historyColumns() []column {
	return []column{
		{title: tr("Date"), width: 120, left: true},
		{title: tr("Recordings"), width: 80},
		{title: tr("Original"), width: 72},
		{title: "FLAC", width: 72},
		{title: "Trilobyte", width: 72},
		{title: tr("Below FLAC"), width: 80},
	}
}

func newHistoryView(w *Window, h *saved.History) *historyView {
	v := &historyView{window: w, history: h, sum: widget.NewLabel(""), base: widget.NewLabel(""), count: -1}
	v.sum.TextStyle.Bold = true
	v.sum.SizeName = theme.SizeNameSubHeadingText
	v.sum.Wrapping, v.base.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	v.list = newLineList(historyColumns(), func(i int) lineContent { return recordLine(v.records[i]) })
	v.list.tips = w.tips
	v.list.onSort = v.show
	v.list.keyOf = func(i int) any { return v.records[i].Archive }
	v.list.remember(w.config.App.Preferences(), "history")
	v.list.onKey = func(e *fyne.KeyEvent) {
		if i := v.list.chosen; i >= 0 && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) {
			v.open(v.records[i])
		}
	}
	v.list.onSecondary = func(i int, at fyne.Position) {
		m := v.menu(v.records[i])
		if selected := v.list.selection(); len(selected) > 1 {
			m = fyne.NewMenu("", fyne.NewMenuItem(tr("Verify again"), func() { v.verify(selected) }))
		}
		widget.ShowPopUpMenuAtPosition(m, w.win.Canvas(), at)
	}
	v.root = container.NewBorder(container.NewVBox(v.sum, v.base), nil, nil, nil, withHeader(v.list, tr("Archive")))
	return v
}

// recordLine is the line of an archive that was made.
func recordLine(r saved.Record) lineContent {
	c := lineContent{name: filepath.Base(r.Archive), icon: theme.StorageIcon(), progress: -1}
	c.remark = cell{joined(filesText(r.Files), othersText(r.Totals), filepath.Dir(r.Archive)), theme.ColorNamePlaceHolder}
	if !r.Verified {
		c.remark.text = joined(tr("not verified"), c.remark.text)
	}
	sizes := sizeCells(r.Totals.Sizes.Original+r.Totals.OthersOriginal, r.Totals.Sizes)
	if r.Totals.Recordings == 0 {
		sizes[2].text = bytesText(r.ArchiveSize)
	}
	c.tips = append([]string{"", ""}, sizeTips(r.Totals.Sizes.Original+r.Totals.OthersOriginal, r.Totals.Sizes)...)
	c.tip = r.Archive
	c.cells = append([]cell{{text: dateText(r.At)}, {text: numberText(r.Totals.Recordings)}}, sizes...)
	return c
}

// recordKey is what an archive that was made is sorted by.
func recordKey(r saved.Record, by int) sortKey {
	switch by {
	case byName:
		return sortKey{text: filepath.Base(r.Archive)}
	case 0:
		return sortKey{number: float64(r.At.Unix())}
	case 1:
		return sortKey{number: float64(r.Totals.Recordings)}
	}
	return sizeKey(by-2, r.Totals.Sizes.Original+r.Totals.OthersOriginal, r.Totals.Sizes)
}

// update brings the view up to date.
func (v *historyView) update() {
	if n := v.history.Count(); n != v.count {
		v.count = n
		v.show()
	}
}

// show shows all that there is.
func (v *historyView) show() {
	latest, s := v.history.Latest(), v.list.sorting
	v.records = v.records[:0]
	for _, i := range sortedBy(len(latest), s, func(i int) sortKey { return recordKey(latest[i], s.by) }) {
		v.records = append(v.records, latest[i])
	}
	sum := saved.SumOf(v.records)
	text, about := tr("Nothing was archived yet."), tr("Here stands what was archived with this window, and what that has saved.")
	if sum.Archives > 0 {
		text, _ = verdict(sum.Sizes)
		about = tr("This counts the recordings that FLAC can hold ({{.Recordings}}, {{.Original}} before) in all archives made with this window since {{.Date}}: each once, as it was made last, also if it was moved or deleted since. {{.Archives}}, {{.Size}} on the disk when they were made.", words{
			"Recordings": orNone(recordingsText(sum.Recordings)), "Original": bytesText(sum.Sizes.Original), "Date": sum.Since.Local().Format("2006-01-02"),
			"Archives": archivesText(sum.Archives), "Size": bytesText(sum.ArchiveSize),
		})
	}
	if v.sum.Text != text || v.base.Text != about {
		v.sum.SetText(text)
		v.base.SetText(about)
		v.root.Refresh()
	}
	v.list.setRows(len(v.records), min(v.list.chosen, len(v.records)-1))
}

// verify has the archives of rows verified.
func (v *historyView) verify(rows []int) {
	var archives []string
	for _, i := range rows {
		archives = append(archives, v.records[i].Archive)
	}
	v.window.check("", archives)
}

// open opens an archive, if it is still there.
func (v *historyView) open(r saved.Record) {
	if _, err := os.Stat(r.Archive); err != nil {
		v.window.banner.show(faultText(err), false, "", nil)
		return
	}
	v.window.openArchive(r.Archive)
}

// menu is the menu of an archive that was made.
func (v *historyView) menu(r saved.Record) *fyne.Menu {
	return fyne.NewMenu("",
		fyne.NewMenuItem(tr("Open archive"), func() { v.open(r) }),
		fyne.NewMenuItem(tr("Verify again"), func() { v.window.check("", []string{r.Archive}) }),
		fyne.NewMenuItem(tr("Save a report…"), func() { v.window.askReport(r.Archive) }),
		fyne.NewMenuItem(tr("Show in file manager"), func() { v.window.reveal(r.Archive) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tr("Copy the path"), func() { v.window.copyText(r.Archive) }),
	)
}
