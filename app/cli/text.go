package cli

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"trilobyte/app/archive"
)

// printable returns name with what would disturb a terminal (control
// characters, escape sequences, bytes that are not UTF-8) escaped.
func printable(name string) string {
	disturbs := func(r rune) bool { return !unicode.IsPrint(r) && r != ' ' }
	if utf8.ValidString(name) && strings.IndexFunc(name, disturbs) < 0 {
		return name
	}
	return strconv.Quote(name)
}

// savingText returns how much smaller ours is than theirs.
func savingText(ours, theirs int64) string {
	if theirs == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*(1-float64(ours)/float64(theirs)))
}

// counted returns a number of things: 1 file, 2 files.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// complain prints why a file has failed.
func (p *program) complain(name string, err error) {
	fmt.Fprintf(p.stderr, "trilobyte: %s: %s\n", printable(name), printable(explain(err)))
}

// position is what a reason says of the place in a file, and what is there.
var position = regexp.MustCompile(`: at byte [0-9]+[^;]*`)

// mostReasons is how many reasons keptText gives; the files have them all.
const mostReasons = 5

// keptText says how many recordings were kept whole, and why: "3 recordings were
// kept as they are: it holds MP3, which is compressed already (2); there is no
// audio in it (1)". It is "" if there are none. Reasons of one kind are counted
// together, wherever in their files they were found.
func keptText(files []archive.File) string {
	reasons := map[string]int{}
	total := 0
	for _, f := range files {
		if f.Kind == archive.KindFile && f.Note != "" {
			reasons[position.ReplaceAllString(f.Note, "")]++
			total++
		}
	}
	if total == 0 {
		return ""
	}
	texts := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), strings.Compare(a, b))
	})
	if len(texts) > 1 {
		for i, text := range texts {
			texts[i] = fmt.Sprintf("%s (%d)", text, reasons[text])
		}
	}
	if more := len(texts) - mostReasons; more > 0 {
		texts = append(texts[:mostReasons], fmt.Sprintf("%s more, see above", counted(more, "reason")))
	}
	verb := " were kept as they are: "
	if total == 1 {
		verb = " was kept as it is: "
	}
	return counted(total, "recording") + verb + printable(strings.Join(texts, "; "))
}
