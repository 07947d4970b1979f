package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/figures"
)

// table shows files with their sizes, and the totals.
type table struct {
	format bool // with a column for the format
	rows   []row
	audio  row // the total of what FLAC can hold
	files  row // the total of all
	others bool
}

// row is a line of the table. FLAC is 0 where there is none.
type row struct {
	length                     time.Duration
	format                     string
	original, flac, compressed int64
	name                       string
}

func newTable(format bool) *table {
	return &table{format: format, audio: row{name: "Total of the audio"}, files: row{name: "Total of all files"}}
}

// add adds a file.
func (t *table) add(f archive.File) {
	if f.Kind == archive.KindFolder {
		return
	}
	r := row{f.Duration(), formatText(f), f.Size, f.FLAC, f.Compressed, printable(f.Name)}
	if f.Kind == archive.KindLink {
		r.name += " -> " + printable(f.Target)
	}
	switch {
	case f.Note != "" && f.Kind == archive.KindFile:
		r.name += " (kept whole: " + f.Note + ")"
	case f.Note != "":
		r.name += " (" + f.Note + ")"
	}
	if f.SameAs != "" {
		r.name += " (the same as " + printable(f.SameAs) + ")"
	} else if len(f.RefersTo) > 0 {
		r.name += " (with samples of " + printable(strings.Join(f.RefersTo, ", ")) + ")"
	}
	t.rows = append(t.rows, r)
	t.files.count(r)
	if r.flac > 0 {
		t.audio.count(r)
	} else {
		t.others = true
	}
}

func (r *row) count(other row) {
	r.length += other.length
	r.original += other.original
	r.flac += other.flac
	r.compressed += other.compressed
}

// print writes the table.
func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	format := ""
	if t.format {
		format = "Format\t"
	}
	fmt.Fprintf(tw, "Length\t%sOriginal\tFLAC\tTrilobyte\tSaved vs FLAC\t  File\n", format)
	for _, r := range t.rows {
		t.printRow(tw, r)
	}
	if t.audio.flac > 0 {
		t.printRow(tw, t.audio)
	}
	if t.others {
		t.files.flac = 0 // is not that of all files
		t.printRow(tw, t.files)
	}
	return tw.Flush()
}

func (t *table) printRow(w io.Writer, r row) {
	length, flac := "-", "-"
	if r.length > 0 {
		length = figures.Duration(r.length)
	}
	if r.flac > 0 {
		flac = figures.Bytes(r.flac)
	}
	format := ""
	if t.format {
		format = r.format + "\t"
	}
	fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\t%s\t  %s\n", length, format,
		figures.Bytes(r.original), flac, figures.Bytes(r.compressed), savingText(r.compressed, r.flac), r.name)
}

// formatText is "44.1 kHz 16 bit stereo".
func formatText(f archive.File) string {
	if f.Kind != archive.KindRecording || f.Channels == 0 { // or the manifest is lost
		return "-"
	}
	channels := map[int]string{1: "mono", 2: "stereo"}[f.Channels]
	if channels == "" {
		channels = strconv.Itoa(f.Channels) + " channels"
	}
	return fmt.Sprintf("%s kHz %s %s", strconv.FormatFloat(float64(f.SampleRate)/1000, 'f', -1, 64), samplesText(f), channels)
}

// samplesText is "16 bit", "32 bit float", "mu-law" or "A-law".
func samplesText(f archive.File) string {
	switch f.Samples {
	case "float":
		return fmt.Sprintf("%d bit float", f.Bits)
	case "mulaw":
		return "mu-law"
	case "alaw":
		return "A-law"
	}
	return fmt.Sprintf("%d bit", f.Bits)
}
