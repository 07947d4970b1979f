package stream_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"trilobyte/codec/stream"
)

// doubted is a coder that decodes other samples than were coded.
type doubted struct {
	deltaCoder
	alone      stream.SegmentCoder
	distrusted *int
}

func (c doubted) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(int)) ([][]int32, error) {
	samples, err := c.deltaCoder.Decode(ctx, data, channels, frames, bits, progress)
	if err == nil {
		samples = slices.Clone(samples)
		samples[0] = slices.Clone(samples[0])
		samples[0][frames-1] ^= 1
	}
	return samples, err
}

func (c doubted) Alone() stream.SegmentCoder { return c.alone }
func (c doubted) Distrust()                  { *c.distrusted++ }

// TestDoubted has what others have decoded decoded again where it is wrong. Damage stays damage.
func TestDoubted(t *testing.T) {
	file, _ := longFile(t)
	encoded := encode(t, file)
	for name, c := range map[string]struct {
		alone   stream.SegmentCoder
		damaged bool
		wrong   bool // parts are lost
	}{
		"others wrong":        {deltaCoder{}, false, false},
		"damaged":             {deltaCoder{}, true, true},
		"there are no others": {nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(encoded)
			if c.damaged {
				data[len(data)-1] ^= 1
			}
			distrusted, lost := 0, 0
			d, err := stream.NewDecoder(bytes.NewReader(data), int64(len(data)), func(stream.ModelName) (stream.SegmentCoder, error) {
				return doubted{alone: c.alone, distrusted: &distrusted}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for i := range d.Parts() {
				part, err := d.Part(context.Background(), i, nil)
				var damage *stream.DamageError
				if errors.As(err, &damage) {
					lost++
				} else if err != nil {
					t.Fatal(err)
				}
				got = append(got, part.Raw...)
			}
			if (lost > 0) != c.wrong || (distrusted > 0) != (c.alone != nil) || !c.wrong && !bytes.Equal(got, file) {
				t.Errorf("%d parts are lost, and it distrusts %d times", lost, distrusted)
			}
		})
	}
}
