package bench

import (
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Setup is the first line of a run as JSON: what was measured, on what.
type Setup struct {
	Event     string  `json:"event"` // "setup"
	System    string  `json:"system"`
	Processor string  `json:"processor"`
	Coders    []Maker `json:"coders"`
}

// Maker says what a coder exactly is.
type Maker struct {
	Coder  string `json:"coder"`
	MadeBy string `json:"made_by"`
}

// NewSetup describes this computer and the coders.
func NewSetup(coders []Coder) Setup {
	s := Setup{Event: "setup", System: runtime.GOOS + "/" + runtime.GOARCH, Processor: strings.TrimSpace(cpuid.CPU.BrandName)}
	for _, c := range coders {
		s.Coders = append(s.Coders, Maker{c.Name(), c.MadeBy()})
	}
	return s
}

// Record is a line of a run as JSON: what a coder makes of a file, or of all
// files of a class.
type Record struct {
	Event      string `json:"event"`          // "file", "class" or "total"
	Class      string `json:"class"`          // "" in the total
	Name       string `json:"name,omitempty"` // of the file
	Coder      string `json:"coder"`
	SampleRate uint32 `json:"sample_rate,omitempty"` // of the file, Hz
	Bits       int    `json:"bits,omitempty"`        // of the file, a sample
	Channels   int    `json:"channels,omitempty"`    // of the file
	Of         int    `json:"of,omitempty"`          // files of the class; Files is how many the coder can hold
	Figures
	BitsPerSample float64 `json:"bits_per_sample"`
	Ratio         float64 `json:"ratio"`        // to Figures.FLAC; 0 if there is none
	EncodeSpeed   float64 `json:"encode_speed"` // x real time
	DecodeSpeed   float64 `json:"decode_speed"` // x real time; 0 if not measured
}

func newRecord(event, class, coder string, f Figures) Record {
	return Record{
		Event: event, Class: class, Coder: coder, Figures: f,
		BitsPerSample: f.BitsPerSample(), Ratio: f.Ratio(), EncodeSpeed: f.EncodeSpeed(), DecodeSpeed: f.DecodeSpeed(),
	}
}

// Record returns the result as a line of JSON.
func (r Result) Record() Record {
	line := newRecord("file", r.File.Class, r.Coder, r.Figures)
	line.Name = r.File.Name
	line.SampleRate, line.Bits, line.Channels = r.File.Format.SampleRate, r.File.Format.ValidBits, r.File.Format.Channels
	return line
}

// Record returns the total as a line of JSON.
func (t Total) Record() Record {
	event := "class"
	if t.Class == "" {
		event = "total"
	}
	line := newRecord(event, t.Class, t.Coder, t.Figures)
	line.Of = t.Of
	return line
}
