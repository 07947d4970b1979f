package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/predictor"
)

// Description is what a preset is, besides its network: which predictors a channel has, what the network sees of them, and how symbols
// are coded. It stands in the metadata of a model file as the JSON text that json.Marshal makes of it: one description, one text.
type Description struct {
	Predictors predictor.Description `json:"predictors"`
	Features   feature.Description   `json:"features"`
	// SSE says that a channel may be coded with secondary symbol estimation, where it gains by it.
	SSE bool `json:"sse"`
}

// maxDescription is the most bytes of a description's text.
const maxDescription = 1 << 16

// maxMultiplyAdds is how many multiplications with an addition a sample may take: some ten times as many as the slowest preset needs. So the time that a forged model
// takes is bounded.
const maxMultiplyAdds = 500_000

// ParseDescription reads the text of a description and checks it.
func ParseDescription(text []byte) (*Description, error) {
	if len(text) > maxDescription {
		return nil, fmt.Errorf("the description of its predictors has %d bytes, more than %d", len(text), maxDescription)
	}
	d := new(Description)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(d); err != nil {
		return nil, fmt.Errorf("the description of its predictors cannot be read: %w", err)
	}
	if !bytes.Equal(d.Text(), text) {
		return nil, errors.New("the description of its predictors is not written as it should be")
	}
	if err := d.Predictors.Check(); err != nil {
		return nil, fmt.Errorf("the description of its predictors is impossible: %w", err)
	}
	if err := d.Features.Check(d.Predictors.Count()); err != nil {
		return nil, fmt.Errorf("the description of its features is impossible: %w", err)
	}
	return d, nil
}

// Text is the text of a description.
func (d *Description) Text() []byte {
	text, err := json.Marshal(d)
	if err != nil { // no description that could be read has such numbers
		return nil
	}
	return text
}
