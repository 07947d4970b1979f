package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"trilobyte/app/bench"
)

// tables makes the text of each section.
var tables = map[string]func(*run) string{
	"setup":   setup,
	"summary": summary,
	"classes": classes,
	"formats": formats,
	"files":   files,
}

// The coders that tables name.
const (
	flacDefault = "flac -5 (tool)"
	flacBest    = "FLAC -8"
	trilobyte   = "Trilobyte"
)

// markdown builds a table.
type markdown struct{ strings.Builder }

// newTable begins a table, whose first columns are so many of text, and the
// others of numbers.
func newTable(texts int, columns ...string) *markdown {
	m := &markdown{}
	m.row(columns...)
	alignments := make([]string, len(columns))
	for i := range columns {
		alignments[i] = "---:"
		if i < texts {
			alignments[i] = "---"
		}
	}
	m.row(alignments...)
	return m
}

func (m *markdown) row(cells ...string) { fmt.Fprintf(m, "| %s |\n", strings.Join(cells, " | ")) }

// setup says what made the figures.
func setup(r *run) string {
	m := newTable(2, "Coder", "What it is")
	for _, c := range r.setup.Coders {
		m.row(c.Coder, strings.ReplaceAll(c.MadeBy, "|", "\\|"))
	}
	return fmt.Sprintf("One core of: %s (%s).\n\n%s", r.setup.Processor, r.setup.System, m)
}

// summary is for the README: Trilobyte beside FLAC.
func summary(r *run) string {
	m := newTable(1, "Class", "Files", "WAV, bytes", "FLAC -8, bytes", "Trilobyte, bytes", "Smaller by", "Encoding", "Decoding")
	for _, t := range r.totals {
		if t.Coder == trilobyte {
			m.row(className(t), strconv.Itoa(t.Files), number(t.Raw), number(t.FLAC), number(t.Bytes),
				percent(1-t.Ratio), speed(t.EncodeSpeed), speed(t.DecodeSpeed))
		}
	}
	return fmt.Sprintf("%s\nSpeeds are times real time on one core of: %s.\n", m, r.setup.Processor)
}

// classes has every coder.
func classes(r *run) string {
	m := newTable(2, "Class", "Coder", "Files", "Bytes", "Bits per sample", "Of FLAC -8", "Encoding", "Decoding", "Memory, MB")
	for _, t := range r.totals {
		count := strconv.Itoa(t.Files)
		if t.Files < t.Of {
			count += " of " + strconv.Itoa(t.Of)
		}
		if t.Files == 0 {
			m.row(className(t), t.Coder, count, "-", "-", "-", "-", "-", "-")
			continue
		}
		m.row(className(t), t.Coder, count, number(t.Bytes), decimals(t.BitsPerSample, 3), decimals(t.Ratio, 4),
			speed(t.EncodeSpeed), speed(t.DecodeSpeed), megabytes(t.Memory))
	}
	return m.String()
}

// files has FLAC and Trilobyte for each file.
func files(r *run) string {
	m := newTable(1, "File", "kHz", "Bits", "Channels", "Seconds", "WAV, bytes", "FLAC -8, bytes", "Trilobyte, bytes", "Of FLAC -8", "Encoding", "Decoding")
	for _, f := range r.files {
		if f.Coder == trilobyte {
			m.row(f.Class+"/"+f.Name, kilohertz(f.SampleRate), strconv.Itoa(f.Bits), strconv.Itoa(f.Channels), decimals(f.Audio, 1),
				number(f.Raw), number(f.FLAC), number(f.Bytes), decimals(f.Ratio, 4), speed(f.EncodeSpeed), speed(f.DecodeSpeed))
		}
	}
	return m.String()
}

// group is what the paper's table has a cell for.
type group struct {
	domain string
	bits   int
	rate   uint32
}

// formats is the paper's table: domains, bits a sample and sampling rates.
func formats(r *run) string {
	sums := map[group]map[string]*bench.Figures{}
	for _, f := range r.files {
		g := group{r.domain(f), f.Bits, f.SampleRate}
		if sums[g] == nil {
			sums[g] = map[string]*bench.Figures{flacDefault: {}, flacBest: {}, trilobyte: {}}
		}
		if s := sums[g][f.Coder]; s != nil {
			s.Add(f.Figures)
		}
	}
	groups := make([]group, 0, len(sums))
	for g := range sums {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(a.bits, b.bits), cmp.Compare(a.rate, b.rate))
	})
	m := newTable(1, "Domain", "Bits", "kHz", "Files", "flac -5 (tool), bytes", "FLAC -8, bytes", "Trilobyte, bytes", "Of flac -5", "Of FLAC -8")
	for _, g := range groups {
		ours, best, standard := sums[g][trilobyte], sums[g][flacBest], sums[g][flacDefault]
		m.row(g.domain, strconv.Itoa(g.bits), kilohertz(g.rate), strconv.Itoa(ours.Files), number(standard.Bytes), number(best.Bytes), number(ours.Bytes),
			ratio(ours, standard), ratio(ours, best))
	}
	return m.String()
}

// ratio compares what two coders make of the same files.
func ratio(ours, theirs *bench.Figures) string {
	if ours.Files != theirs.Files || theirs.Bytes == 0 {
		return "-"
	}
	return decimals(float64(ours.Bytes)/float64(theirs.Bytes), 4)
}

// domain is what kind of sound a file has. Classes are called after it. Files
// that were made from others by leaving bits away (NAME_8bit.wav from NAME.wav)
// have the domain of these.
func (r *run) domain(f bench.Record) string {
	for prefix, domain := range map[string]string{"music": "music", "speech": "speech", "bio": "bioacoustics"} {
		if strings.HasPrefix(f.Class, prefix) {
			return domain
		}
	}
	original := strings.Replace(f.Name, "_8bit.wav", ".wav", 1)
	for _, other := range r.files {
		if other.Name == original && other.Name != f.Name {
			return r.domain(other)
		}
	}
	return f.Class
}

func className(t bench.Record) string {
	if t.Event == "total" {
		return "all"
	}
	return t.Class
}

// number groups digits by three.
func number(n int64) string {
	if n == 0 {
		return "-"
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func decimals(x float64, n int) string {
	if x == 0 {
		return "-"
	}
	return strconv.FormatFloat(x, 'f', n, 64)
}

func percent(x float64) string { return fmt.Sprintf("%.2f %%", 100*x) }

func kilohertz(rate uint32) string {
	return strconv.FormatFloat(float64(rate)/1000, 'f', -1, 64)
}

func megabytes(n int64) string { return decimals(float64(n)/1e6, 1) }

func speed(x float64) string {
	switch {
	case x == 0:
		return "-"
	case x < 10:
		return fmt.Sprintf("%.2f x", x)
	}
	return fmt.Sprintf("%.0f x", x)
}
