// Package figures writes sizes and times as people read them, for the terminal
// and the window.
package figures

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Bytes is a number of bytes in decimal units, with three digits: 1.23 MB.
func Bytes(n int64) string {
	const step = 1000
	if n < step && n > -step {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/step, 0
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	for math.Abs(value) >= step-0.5 && unit < len(units)-1 {
		value /= step
		unit++
	}
	decimals := 0
	switch size := math.Abs(value); {
	case size < 9.995:
		decimals = 2
	case size < 99.95:
		decimals = 1
	}
	return strconv.FormatFloat(value, 'f', decimals, 64) + " " + units[unit]
}

// Duration is a length of time as players show it: 3:07 or 1:02:03. Less than a
// second has its tenths: 0.5 s.
func Duration(d time.Duration) string {
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
