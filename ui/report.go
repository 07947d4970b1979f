package ui

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/archive"
	"trilobyte/app/report"
)

//go:embed report.html
var reportPage string

// reportTemplate is the page. All that it says is in its data, so that nothing of an
// archive can be more than text.
var reportTemplate = template.Must(template.New("report").Parse(reportPage))

// The kinds of reports, by the extensions of their files.
var reportKinds = []string{".html", ".sha256", ".ffp"}

// askReport asks what report on an archive is to be saved, and where.
func (w *Window) askReport(path string) {
	m := w.newModal()
	kind := reportKinds[0]
	kinds := m.radio(func(i int) { kind = reportKinds[i] })
	kinds.set([]string{
		tr("A page to print or to pass on, with all checksums (HTML)"),
		tr("SHA-256 checksums of all files, as other programs check them"),
		tr("FLAC fingerprints of the recordings, as traders of music have them (ffp)"),
	}, 0)
	folder := m.folder(filepath.Dir(path))
	m.ask(tr("Save a report"), tr("Save"), tr("Cancel"), container.NewVBox(kinds, widget.NewLabel(tr("Into the folder:")), folder.row), fyne.NewSize(600, 0), func() {
		w.saveReport(path, folder.Text, kind)
	})
	m.focus(folder)
}

// saveReport saves a report, beside the main goroutine.
func (w *Window) saveReport(path, folder, kind string) {
	ctx, cancel := w.untilClosed()
	w.wg.Go(func() {
		defer cancel()
		name, err := w.writeReport(ctx, path, folder, kind)
		w.do(func() {
			if err != nil {
				w.log.add(true, path+": "+faultText(err))
				w.banner.show(faultText(err), false, "", nil)
				return
			}
			text := tr("Saved: {{.Path}}", words{"Path": name})
			w.log.add(false, text)
			w.banner.show(text, true, tr("Show folder"), func() { w.reveal(name) })
		})
	})
}

// writeReport writes a report to a new file, and returns its path.
func (w *Window) writeReport(ctx context.Context, path, folder, kind string) (name string, err error) {
	r, err := report.Of(ctx, w.config.Engine, path)
	if err != nil {
		return "", err
	}
	write := func(file io.Writer) error { return reportTemplate.Execute(file, w.page(r)) }
	switch kind {
	case ".sha256":
		write = r.WriteSHA256
	case ".ffp":
		write = r.WriteFFP
	}
	base := strings.TrimSuffix(filepath.Base(path), archive.Extension)
	name = filepath.Join(folder, base+kind)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	for n := 2; errors.Is(err, os.ErrExist) && n < 1000; n++ { // nothing is written over
		name = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", base, n, kind))
		file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err != nil {
		return "", err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		os.Remove(name)
		return "", err
	}
	return name, nil
}

// reportData is what the page shows.
type reportData struct {
	Language, Title, Made string
	Facts                 [][2]string
	Content               string
	Columns               []string
	Rows                  [][]string
	MissingTitle          string
	Missing               [][2]string
}

// page is the page on an archive.
func (w *Window) page(r *report.Report) reportData {
	d := reportData{
		Language: tr("language code"),
		Title:    filepath.Base(r.Archive),
		Made:     tr("Report by Trilobyte {{.Version}}, {{.Date}}", words{"Version": w.config.Version, "Date": dateText(time.Now())}),
		Content:  tr("Files"),
		Columns:  []string{tr("Name"), tr("Format"), tr("Length"), tr("Original"), "FLAC", "Trilobyte", "SHA-256", tr("MD5 of the samples")},
	}
	saved, _ := verdict(r.Totals.Sizes)
	d.Facts = [][2]string{
		{tr("Archive"), r.Archive},
		{tr("Last changed"), dateText(r.Changed)},
		{tr("Size"), bytesText(r.Size)},
		{"SHA-256", r.SHA256},
		{tr("Content"), baseText(r.Totals)},
		{tr("Length"), lengthText(r.Audio)},
		{tr("Recordings before"), bytesText(r.Totals.Sizes.Original)},
		{tr("Recordings against FLAC"), saved},
	}
	if at, ok := w.verifiedAt(r); ok {
		d.Facts = append(d.Facts, [2]string{tr("Verified"), tr("read back from the disk and compared, byte for byte, on {{.Date}}", words{"Date": at})})
	}
	for _, e := range r.Entries {
		if e.Kind == archive.KindFolder {
			continue
		}
		flac := ""
		if e.FLAC > 0 {
			flac = bytesText(e.FLAC)
		}
		d.Rows = append(d.Rows, []string{e.Name, formatText(e.File), lengthText(e.Duration()), bytesText(e.Size), flac, bytesText(e.File.Compressed), e.SHA256, e.PCMMD5})
	}
	if len(r.Missing) > 0 {
		d.MissingTitle = tr("Left out when the archive was made")
	}
	for _, m := range r.Missing {
		d.Missing = append(d.Missing, [2]string{m.Name, m.Reason})
	}
	return d
}

// verifiedAt says when an archive was verified that this window has made, if it has not
// changed since.
func (w *Window) verifiedAt(r *report.Report) (at string, ok bool) {
	for _, record := range w.history.Latest() {
		if record.Archive == r.Archive {
			const slack = 2 * time.Second // between the end of the file and that of the job
			unchanged := record.ArchiveSize == r.Size && r.Changed.Before(record.At.Add(slack))
			return dateText(record.At), record.Verified && unchanged
		}
	}
	return "", false
}
