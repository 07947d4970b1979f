package recipe

import (
	"bytes"

	"trilobyte/codec/flac"
)

// Decode returns the samples, indexed [channel][frame], of frames that follow
// each other and are all of raw, as those of a part are. There are at most so many
// of each channel, whatever raw claims. It may be called concurrently. The error
// is a [*Problem] whose offset is that in raw.
func Decode(format flac.Format, raw []byte, most int) ([][]int32, error) {
	if err := format.Check(); err != nil {
		return nil, err
	}
	p := parser{format: format}
	samples := make([][]int32, format.Channels)
	for offset := 0; offset < len(raw); {
		size, err := p.parse(raw[offset:])
		if err == nil && p.frame.length > most-len(samples[0]) {
			err = fault("there are more samples than there should be")
		}
		if err == nil {
			err = p.appendSamples(samples)
		}
		if err != nil {
			return nil, &Problem{int64(offset), err.Error()}
		}
		offset += size
	}
	return samples, nil
}

// DecodeSome is Decode for so many samples of each channel, from first on, of those that
// raw has: it looks for the frames that have them by the headers, and decodes no others,
// unless what it finds is no frame. size is about how many bytes raw has for them.
func DecodeSome(format flac.Format, raw []byte, first, length int) (samples [][]int32, size int, err error) {
	if err := format.Check(); err != nil {
		return nil, 0, err
	}
	p := parser{format: format}
	offset, start := p.find(raw, first)
	samples, size, err = p.decodeFrom(raw, offset, start, first, length)
	if err != nil && offset > 0 {
		return p.decodeFrom(raw, 0, 0, first, length)
	}
	return samples, size, err
}

// decodeFrom is DecodeSome with the frames from an offset on, the first of which has the
// sample of number start first.
func (p *parser) decodeFrom(raw []byte, offset, start, first, length int) (samples [][]int32, size int, err error) {
	samples = make([][]int32, p.format.Channels)
	for len(samples[0]) < first-start+length {
		n, err := p.parse(raw[offset:])
		if err == nil {
			err = p.appendSamples(samples)
		}
		if err != nil {
			return nil, 0, &Problem{int64(offset), err.Error()}
		}
		offset += n
		size += n
	}
	size = int(int64(size) * int64(length) / int64(max(len(samples[0]), 1)))
	for c := range samples {
		samples[c] = samples[c][first-start:][:length]
	}
	return samples, size, nil
}

// find returns where a frame begins in raw that comes before a sample, or has it, and the
// number of its first sample: the last one that can be found by going from header to
// header. What looks like one within a frame hardly ever has the number that comes next.
func (p *parser) find(raw []byte, sample int) (offset, start int) {
	if _, err := p.parseHeader(raw); err != nil {
		return 0, 0
	}
	first, block, next := p.frame.number, p.frame.length, p.frame.length
	for at := 1; next <= sample; at++ {
		more := bytes.IndexByte(raw[at:], syncCode>>7)
		if more < 0 {
			break
		}
		at += more
		if _, err := p.parseHeader(raw[at:]); err != nil {
			continue
		}
		number := int(p.frame.number - first)
		if !p.frame.variable {
			number *= block
		}
		if number == next {
			offset, start, next = at, next, next+p.frame.length
		}
	}
	return offset, start
}

// DecodeBare is the inverse of [flac.Bare] for so many samples a channel. It may be
// called concurrently. The error is a [*Problem] whose offset is that in raw.
func DecodeBare(format flac.Format, raw []byte, length int) ([][]int32, error) {
	if err := format.Check(); err != nil {
		return nil, err
	}
	p := parser{format: format}
	samples := make([][]int32, format.Channels)
	offset := 0
	for left := length; left > 0; left -= p.frame.length {
		p.frame.length = min(left, flac.BlockSize)
		size, err := p.parseBare(raw[offset:])
		if err == nil {
			err = p.appendSamples(samples)
		}
		if err != nil {
			return nil, &Problem{int64(offset), err.Error()}
		}
		offset += size
	}
	if offset < len(raw) {
		return nil, &Problem{int64(offset), "something follows that does not belong there"}
	}
	return samples, nil
}

// parseBare reads the bare frame of known length that data begins with, and returns
// its size in bytes.
func (p *parser) parseBare(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, errShort
	}
	a := int(data[0])
	if a > assignmentMidSide || channels(a) != p.format.Channels {
		return 0, fault("there are other channels than there should be")
	}
	p.frame.assignment = a
	return p.parseSubframes(data, 1)
}
