package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"trilobyte/app/archive"
	"trilobyte/app/figures"
)

// localized puts the decimal separator of the language into a number.
func localized(number string) string {
	return strings.Replace(number, ".", lang.X("decimal separator", "."), 1)
}

// bytesText is a size for people, in decimal units.
func bytesText(n int64) string { return localized(figures.Bytes(n)) }

// exactText is a size in bytes, with its rounded form.
func exactText(n int64) string {
	if n < 1000 {
		return bytesText(n)
	}
	return tr("{{.Size}} ({{.Bytes}} bytes)", words{"Size": bytesText(n), "Bytes": strconv.FormatInt(n, 10)})
}

// percentText is a part of a whole: "10.1 %".
func percentText(part float64) string {
	return localized(strconv.FormatFloat(100*part, 'f', 1, 64)) + " %"
}

// durationText is a length of time as players show it.
func durationText(d time.Duration) string { return localized(figures.Duration(d)) }

// lengthText is the length of a recording, or "" if it is not known.
func lengthText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return durationText(d)
}

// speedText is "3.1 x real time", or "".
func speedText(speed float64) string {
	if speed <= 0 {
		return ""
	}
	return tr("{{.Speed}} x real time", words{"Speed": localized(strconv.FormatFloat(speed, 'f', 1, 64))})
}

// leftText is "1:20 left", or "".
func leftText(left time.Duration) string {
	if left < time.Second {
		return ""
	}
	return tr("{{.Time}} left", words{"Time": durationText(left)})
}

// momentText is a time of day, with its date if that is not today's.
func momentText(at time.Time) string {
	at = at.Local()
	if day := at.Format(time.DateOnly); day != time.Now().Format(time.DateOnly) {
		return day + at.Format(" 15:04:05")
	}
	return at.Format(time.TimeOnly)
}

// dateText is a date and time.
func dateText(at time.Time) string { return at.Local().Format("2006-01-02 15:04") }

// numberText is a number, or "" for none.
func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// joined joins what there is with dots between.
func joined(parts ...string) string {
	var present []string
	for _, p := range parts {
		if p != "" {
			present = append(present, p)
		}
	}
	return strings.Join(present, "  ·  ")
}

// filesText is "1 file" or "12 files".
func filesText(n int) string {
	if n == 1 {
		return tr("1 file")
	}
	return tr("{{.N}} files", words{"N": n})
}

// recordingsText is "1 recording" or "12 recordings", or "".
func recordingsText(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return tr("1 recording")
	}
	return tr("{{.N}} recordings", words{"N": n})
}

// orNone is a text, or "none".
func orNone(text string) string {
	if text == "" {
		return tr("none")
	}
	return text
}

// archivesText is "1 archive" or "12 archives".
func archivesText(n int) string {
	if n == 1 {
		return tr("1 archive")
	}
	return tr("{{.N}} archives", words{"N": n})
}

// jobsText is "1 job" or "12 jobs".
func jobsText(n int) string {
	if n == 1 {
		return tr("1 job")
	}
	return tr("{{.N}} jobs", words{"N": n})
}

// formatText is "44.1 kHz 16 bit stereo", or "" if it is not known, as in an
// archive that has lost its table of contents.
func formatText(f archive.File) string {
	if f.Kind != archive.KindRecording || f.Channels == 0 {
		return ""
	}
	channels := ""
	switch f.Channels {
	case 1:
		channels = tr("mono")
	case 2:
		channels = tr("stereo")
	default:
		channels = tr("{{.N}} channels", words{"N": f.Channels})
	}
	rate := localized(strconv.FormatFloat(float64(f.SampleRate)/1000, 'f', -1, 64))
	samples := fmt.Sprintf("%d bit", f.Bits)
	switch f.Samples {
	case "float":
		samples += " float"
	case "mulaw":
		samples = "mu-law"
	case "alaw":
		samples = "A-law"
	}
	return fmt.Sprintf("%s kHz %s %s", rate, samples, channels)
}

// percentWhole is a part of a whole without decimals: "43 %".
func percentWhole(part float64) string {
	return strconv.Itoa(int(100*min(max(part, 0), 1))) + " %"
}

// gpusText is "GPU + 15 cores", or "" if there is none.
func gpusText(gpus, cores int) string {
	switch gpus {
	case 0:
		return ""
	case 1:
		return tr("GPU + {{.Cores}} cores", words{"Cores": cores})
	}
	return tr("{{.GPUs}} GPUs + {{.Cores}} cores", words{"GPUs": gpus, "Cores": cores})
}
