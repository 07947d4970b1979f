package stream

import (
	"io"
	"slices"

	"trilobyte/codec/recording"
)

// Sound is where the samples of a file are that has one span of audio.
type Sound struct {
	span  Span
	block int
}

// Block is how many frames of audio the FLAC frames of the file have, all but the last one, as the file
// says. It is 0 where they differ, and in files that hold no FLAC frames.
func (s Sound) Block() int { return s.block }

// SoundIn finds the sound among the spans of a file that holds no FLAC frames. ok is
// false if there is not one span of audio, or its samples have more than 32 bits.
func SoundIn(spans []recording.Span) (s Sound, ok bool) {
	for _, span := range spans {
		if !span.Audio() {
			continue
		}
		if ok || span.Format.Width > 4 {
			return Sound{}, false
		}
		s.span.Span, ok = span, true
	}
	return s, ok
}

// Sound is the sound of the FLAC file that the encoder was made for.
func (e *Encoder) Sound() Sound {
	s := Sound{e.layout.header.Spans[1], e.block}
	s.span.flac = slices.Clone(s.span.flac)
	for i := range s.span.flac {
		s.span.flac[i].recipe = nil // may be large
	}
	return s
}

// Open returns what reads the samples from the file in r.
func (s Sound) Open(r io.ReaderAt) *SoundReader {
	reader := &SoundReader{r: r, span: s.span, part: -1}
	if s.span.FLAC() {
		reader.layout = newLayout(Header{Spans: []Span{s.span}})
	}
	return reader
}

// SoundReader reads the samples of a file. It is not for concurrent use.
type SoundReader struct {
	r      io.ReaderAt
	layout layout // of FLAC frames
	span   Span
	// The segment of FLAC frames that was read last, and the one before it.
	part          int64
	last, earlier [][]int32
}

// Format is that of all samples.
func (s *SoundReader) Format() recording.Format { return s.span.Format }

// Frames is how many there are.
func (s *SoundReader) Frames() int64 { return s.span.Frames() }

// Samples returns so many frames from first on, which there must be, as Part.Stored
// does.
func (s *SoundReader) Samples(first int64, frames int) ([][]int32, error) {
	if !s.span.FLAC() {
		size := int64(s.span.Format.FrameBytes())
		raw, err := readFile(s.r, s.span.Offset+first*size, int64(frames)*size)
		if err != nil {
			return nil, err
		}
		return s.span.Format.Samples(raw), nil
	}
	return s.collect(first, frames, func(p Place, from, until int64) ([][]int32, error) {
		samples, err := s.segment(p)
		if err != nil {
			return nil, err
		}
		part := make([][]int32, len(samples))
		for c := range part {
			part[c] = samples[c][from:until]
		}
		return part, nil
	})
}

// SamplesAlone is Samples in less time where nothing else is read of the segments in which
// they are: of FLAC frames, only those are decoded that have them. size is about how many
// bytes the file has for them.
func (s *SoundReader) SamplesAlone(first int64, frames int) (samples [][]int32, size int64, err error) {
	if !s.span.FLAC() {
		samples, err = s.Samples(first, frames)
		return samples, int64(frames) * int64(s.span.Format.FrameBytes()), err
	}
	samples, err = s.collect(first, frames, func(p Place, from, until int64) ([][]int32, error) {
		raw, err := readFile(s.r, p.Offset, p.Size)
		if err != nil {
			return nil, err
		}
		part, n, err := someFLACSamples(p, raw, int(from), int(until-from))
		size += int64(n)
		return part, err
	})
	return samples, size, err
}

// collect puts frames together that a function returns of the segments which have them.
func (s *SoundReader) collect(first int64, frames int, of func(p Place, from, until int64) ([][]int32, error)) ([][]int32, error) {
	samples := make([][]int32, s.span.Format.Channels)
	for at, end := first, first+int64(frames); at < end; {
		p := s.layout.placeOfFrame(at)
		until := min(end, p.Start+p.Frames)
		part, err := of(p, at-p.Start, until-p.Start)
		if err != nil {
			return nil, err
		}
		for c := range samples {
			samples[c] = append(samples[c], part[c]...)
		}
		at = until
	}
	return samples, nil
}

// segment decodes a segment of FLAC frames.
func (s *SoundReader) segment(p Place) ([][]int32, error) {
	switch {
	case p.part == s.part:
		return s.last, nil
	case p.part == s.part-1 && s.earlier != nil:
		return s.earlier, nil
	}
	raw, err := readFile(s.r, p.Offset, p.Size)
	if err != nil {
		return nil, err
	}
	samples, err := flacSamples(p, raw)
	if err != nil {
		return nil, err
	}
	if s.earlier = nil; p.part == s.part+1 {
		s.earlier = s.last
	}
	s.part, s.last = p.part, samples
	return samples, nil
}
