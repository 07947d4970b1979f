package recipe

import (
	"bytes"
	"fmt"

	"trilobyte/codec/flac"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// encode makes the recipe of the frames in raw, which hold samples.
func encode(format flac.Format, firstSample int64, samples [][]int32, raw []byte) ([]byte, error) {
	out := rangecoder.NewEncoder(nil)
	d := newDescriber(encoderTo(out), format, firstSample)
	p := parser{format: format}
	start := 0
	for offset := 0; offset < len(raw); start += p.frame.length {
		size, err := p.parse(raw[offset:])
		if err == nil {
			err = d.describe(&p.frame, samples, start)
		}
		if err != nil {
			return nil, err
		}
		offset += size
	}
	return out.Finish(), nil
}

// Rebuild appends to dst the bytes of the frames that hold samples, indexed
// [channel][frame], whose recipe is given. format is that of the file, and
// firstSample the number of samples of each channel before these.
//
// What it returns is what Analyse read if format, samples and recipe are. For
// any others it returns an error or other bytes: never more than about 40 bytes
// a sample and 64 a frame.
func Rebuild(dst []byte, format flac.Format, firstSample int64, samples [][]int32, recipe []byte) ([]byte, error) {
	if err := format.Check(); err != nil {
		return nil, err
	}
	if len(samples) != format.Channels {
		return nil, fmt.Errorf("rebuilding FLAC frames of %d channels: there are samples of %d",
			format.Channels, len(samples))
	}
	for c := range samples {
		if len(samples[c]) != len(samples[0]) {
			return nil, fmt.Errorf("rebuilding FLAC frames: channel %d has %d samples, channel 0 has %d",
				c, len(samples[c]), len(samples[0]))
		}
	}
	d := newDescriber(decoderOf(recipe), format, firstSample)
	var f frame
	w := writer{out: bytes.NewBuffer(dst)}
	for start := 0; start < len(samples[0]); start += f.length {
		err := d.describe(&f, samples, start)
		if err == nil {
			err = w.write(format, &f, d.signals[:], d.residuals[:])
		}
		if err != nil {
			return nil, fmt.Errorf("rebuilding the FLAC frame at sample %d: %w", firstSample+int64(start), err)
		}
	}
	return w.out.Bytes(), nil
}
