package codec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
)

// Description says which predictors a preset has and what its network is told of them: the JSON text in a model file's metadata
// (FORMAT.md, "Description").
type Description struct{ description *network.Description }

// ParseDescription reads a description. Space between its parts is left out; for the rest, it has to be as FORMAT.md says.
func ParseDescription(text []byte) (Description, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return Description{}, fmt.Errorf("codec: the description is not JSON: %w", err)
	}
	d, err := network.ParseDescription(compact.Bytes())
	if err != nil {
		return Description{}, fmt.Errorf("codec: %w", err)
	}
	return Description{d}, nil
}

// Text is the description as a model file has it.
func (d Description) Text() []byte { return d.description.Text() }

// Row is what a network is given for one sample, and what came: what it is trained on.
type Row struct {
	Channel int // of the segment, from 0
	// Features are what the network reads; they are valid during the call.
	Features []uint8
	// Error is the sample less the reference prediction, Half half a step between two values of the channel, both in units of the
	// reference prediction's mean error.
	Error, Half float64
	// Disagreement is by how much the shown predictions differ from the reference one, in the same units.
	Disagreement []float32
}

// Features and Disagreements are the lengths of these parts of a Row.
const (
	Features      = feature.Count
	Disagreements = feature.Disagreements
)

// EachRow runs the predictors over samples[channel][frame] and calls visit for every sample that is coded by itself, in the order of
// coding. Channels that are constant or equal to another one are left out.
func EachRow(d Description, samples [][]int32, visit func(Row)) {
	segment.EachRow(context.Background(), d.description, samples, func(t segment.Track, row *feature.Row, step int32) {
		visit(Row{
			Channel:      t.Channel,
			Features:     row.Features[:],
			Error:        (float64(step) - row.Base) / row.Scale,
			Half:         0.5 / row.Scale,
			Disagreement: row.Disagreement[:],
		})
	}) // fails only if the context ends
}
