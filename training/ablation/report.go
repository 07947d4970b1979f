package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/template"
)

// byteModel is what bytes.py says of one byte-level model.
type byteModel struct {
	Parameters int `json:"parameters"`
	Blocks     struct {
		Classes map[string]struct {
			Bits float64 `json:"bits_per_sample"`
		} `json:"classes"`
	} `json:"blocks"`
}

// readByteModels returns the models, smallest first.
func readByteModels(path string) ([]byteModel, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Models map[string]byteModel `json:"models"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	models := slices.Collect(maps.Values(file.Models))
	slices.SortFunc(models, func(a, b byteModel) int { return a.Parameters - b.Parameters })
	return models, nil
}

// column is a class in a table, and its totals.
type column struct {
	Class   string
	samples float64
	sizes   [ways]float64
}

func (c *column) add(clip *clip) {
	c.samples += clip.count()
	for i, s := range clip.sizes {
		c.sizes[i] += s
	}
}

// Bits is the number of bits a sample.
func (c *column) Bits(way int) string { return fmt.Sprintf("%.3f", c.sizes[way]/c.samples) }

// Ratio is the size against FLAC's.
func (c *column) Ratio(way int) string { return fmt.Sprintf("%.4f", c.sizes[way]/c.sizes[flac8]) }

// ByteBits is the number of bits a sample of a byte-level model.
func (c *column) ByteBits(m byteModel) string {
	if b, ok := m.Blocks.Classes[c.Class]; ok {
		return fmt.Sprintf("%.3f", b.Bits)
	}
	return "-"
}

// columns gathers the clips of the given classes, or of all others.
func columns(clips []*clip, reduced bool) []*column {
	var list []*column
	byClass := map[string]*column{}
	for _, c := range clips {
		if c.isReduced != reduced {
			continue
		}
		if byClass[c.class] == nil {
			byClass[c.class] = &column{Class: c.class}
			list = append(list, byClass[c.class])
		}
		byClass[c.class].add(c)
	}
	return list
}

// step is one row of a table.
type step struct {
	Letter, Name string
	Way          int
}

var steps = []step{
	{"b", "predictors, adaptive Laplace", predictors},
	{"c", "predictors and network", withoutSSE},
	{"d", "secondary symbol estimation: the codec", whole},
	{"e", "the codec, had it no predictors of tones", withoutTones},
	{"f", "the codec, did it not look for repeats", withoutRepeats},
}

var page = template.Must(template.New("").Parse(`# What each part is worth

Bits a sample of the public set, of segments without their container; a row of its own for each part that is added. Written
by ` + "`make ablation DATA=folder`" + `.

- (a) The paper's way (Long, Novack, Donahue 2026): a byte-level autoregressive transformer with a softmax over 256 values,
  over the raw bytes, most significant first, without predictors, trained on the same recordings (` + "`training/bytes.py`" + `; how
  long and on what, and what that leaves open, is in training/results.md).
- (b) The predictors alone: the reference prediction, coded with a Laplace distribution whose scale is the running mean error.
- (c) The mixture of logistics that the network makes of the predictors' opinions.
- (d) With secondary symbol estimation, where it gains. This is the default preset.
- (e), (f) The same without one of its parts, and with the network that was trained with it: cascades start from least squares
  where there are tones, too; nothing tells of what repeats itself.

(a) and (b) are ideal code lengths, the others and FLAC are bytes that were written. (b) and those below know the alphabet: wasted
bits, gaps and lattices; those below (b) lists of the values that occur, too. What was tried without gain stands in
training/results.md. Rows (a) are of the public benchmark alone: where there are loops, they were not measured.

## By class
{{template "table" .Classes}}
## The same recordings with fewer bits

Rounded and clipped, without dither. What the paper saw shows in the rows (a): far ahead of FLAC at 8 bits, about level at 16,
behind at 24. Adaptive predictors keep the gain, though it shrinks as samples get deeper, because the lowest bits are noise
that nobody can predict. All classes stand in it, loops too, but for the rows (a).
{{template "table" .Depths}}
{{- define "table"}}
| | {{range .Columns}}{{.Class}} | {{end}}
|---|{{range .Columns}}---:|{{end}}
| FLAC, level 8 | {{range .Columns}}{{.Bits 0}} | {{end}}
{{$columns := .Columns}}{{range $m := .ByteModels}}| (a) bytes alone, {{$m.Parameters}} parameters | {{range $columns}}{{.ByteBits $m}} | {{end}}
{{end}}{{range $s := .Steps}}| ({{$s.Letter}}) {{$s.Name}} | {{range $columns}}{{.Bits $s.Way}} | {{end}}
{{end}}| (d) of FLAC's size | {{range .Columns}}{{.Ratio 3}} | {{end}}
{{end}}`))

// table is what the template shows.
type table struct {
	Columns    []*column
	ByteModels []byteModel
	Steps      []step
}

func write(w io.Writer, clips []*clip, models []byteModel) error {
	return page.Execute(w, map[string]table{
		"Classes": {columns(clips, false), models, steps},
		"Depths":  {columns(clips, true), models, steps},
	})
}
