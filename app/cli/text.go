package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

// bytesText returns a size for people, in decimal units.
func bytesText(n int64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/step, 0
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	for value >= step-0.5 && unit < len(units)-1 {
		value /= step
		unit++
	}
	switch {
	case value < 9.995:
		return fmt.Sprintf("%.2f %s", value, units[unit])
	case value < 99.95:
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

// durationText returns a length of time as players show it: 3:07 or 1:02:03.
// Less than a second has its tenths.
func durationText(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	seconds := int64(d.Round(time.Second) / time.Second)
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%d:%02d", m, s)
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
