package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// printable returns name with what would disturb a terminal (control
// characters, escape sequences) escaped.
func printable(name string) string {
	disturbs := func(r rune) bool { return !unicode.IsPrint(r) && r != ' ' }
	if strings.IndexFunc(name, disturbs) < 0 {
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
