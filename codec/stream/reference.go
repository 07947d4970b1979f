package stream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"trilobyte/codec/recording"
)

// Itself is the Source of a Reference to the stream that the span is in.
const Itself = 0

// Reference says that the samples of a span of audio are those of another stream, or
// come once more in the same.
type Reference struct {
	// Source and Sum say which the other stream is. Whoever makes and reads streams
	// knows what they mean, unless the Source is Itself; in an archive, see FORMAT.md.
	Source int64
	Sum    uint32
	First  int64 // the frame there, over all spans of audio, with which the span begins
	// Shift is how many bits the samples are shifted to the left there, to the right
	// if it is negative: 8 if they have 24 bits here and 16 there.
	Shift    int
	Channels []int // there, for each of the span's
	Negated  bool  // the samples there are negated
}

// Stretch is frames of a file whose samples another stream has, too, or the same one
// in a place that refers to nothing.
type Stretch struct {
	Start, Frames int64 // in its span of audio
	Reference
}

// end is the frame after it.
func (s Stretch) end() int64 { return s.Start + s.Frames }

// Sources gives the samples of the streams that others refer to.
type Sources interface {
	// Samples returns so many frames of the stream that r leads to, as Part.Stored
	// does, and of which kind they are. They are not shifted. What that has from yet
	// another stream is an error. Where only some frames are lost, the error wraps Losses, and
	// the samples are there all the same, with silence for those.
	//
	// It calls ready, unless that is nil, when it has some of the first samples, with
	// all that it has so far, but never with all: they may be kept, and may be wrong
	// until Samples has returned.
	Samples(ctx context.Context, r Reference, frames int, ready func([][]int32)) (recording.Kind, [][]int32, error)
}

// Loss is frames of a stretch of samples that are lost.
type Loss struct {
	Start, Frames int64 // from the beginning of the stretch
	Err           error // why
}

// Losses are all of a stretch, in their order. There is at least one.
type Losses []Loss

// Error implements error.
func (l Losses) Error() string { return l[0].Err.Error() }

// Unwrap returns why the first of them is lost.
func (l Losses) Unwrap() error { return l[0].Err }

// Refer sets where the decoder gets samples from that other streams have. Without
// it, they cannot be decoded.
func (d *Decoder) Refer(s Sources) { d.sources = s }

// BeginFor is Begin with what name returns for the sources that the encoder was given.
func (e *Encoder) BeginFor(name func(source int64) (int64, uint32, error)) ([]byte, error) {
	h := e.layout.header
	h.Spans = slices.Clone(h.Spans)
	for i := range h.Spans {
		s := &h.Spans[i]
		if s.refers == nil || s.refers.Source == Itself {
			continue
		}
		r := *s.refers
		var err error
		if r.Source, r.Sum, err = name(r.Source); err != nil {
			return nil, err
		}
		s.refers = &r
	}
	return h.marshal(), nil
}

// Sources returns the other sources that spans refer to, each once, in their order.
func (h Header) Sources() []int64 {
	var all []int64
	seen := map[int64]bool{Itself: true}
	for _, s := range h.Spans {
		if s.refers != nil && !seen[s.refers.Source] {
			seen[s.refers.Source] = true
			all = append(all, s.refers.Source)
		}
	}
	return all
}

// Refer has the FLAC frames of the file refer to another stream, which has all their
// samples. It must come before everything else.
func (e *Encoder) Refer(r Reference) {
	h := e.layout.header
	h.Spans[1].refers = &r
	e.layout = newLayout(h)
}

// cut divides a span of audio into stretches, which follow each other, and what is
// between them.
func cut(s recording.Span, stretches []Stretch) []Span {
	var spans []Span
	add := func(start, end int64, r *Reference) {
		if start == end {
			return
		}
		size := int64(s.Format.FrameBytes())
		part := recording.Span{Offset: s.Offset + start*size, Size: (end - start) * size, Format: s.Format}
		spans = append(spans, Span{Span: part, refers: r})
	}
	at := int64(0)
	for i := range stretches {
		add(at, stretches[i].Start, nil)
		at = stretches[i].end()
		add(stretches[i].Start, at, &stretches[i].Reference)
	}
	add(at, s.Frames(), nil)
	return spans
}

// withinSegments divides a span that refers to the stream itself, behind what it has
// so far, so that no segment of the span needs two of those that it refers to.
func (h Header) withinSegments(s Span) []Span {
	if s.refers == nil || s.refers.Source != Itself {
		return []Span{s}
	}
	start := int64(0)
	for _, source := range h.Spans {
		within, length := s.refers.First-start, int64(source.SegmentFrames)
		if start += source.Frames(); within >= source.Frames() {
			continue
		}
		if s.SegmentFrames = int(min(length, s.Frames())); within%length == 0 {
			break
		}
		return s.dividedAt(length - within%length)
	}
	return []Span{s}
}

// dividedAt returns the frames of a span that refers to a stream before the given
// one, and those from it on.
func (s Span) dividedAt(frame int64) []Span {
	if frame >= s.Frames() {
		return []Span{s}
	}
	first, second, later := s, s, *s.refers
	first.Size = frame * int64(s.Format.FrameBytes())
	first.SegmentFrames = min(s.SegmentFrames, int(frame))
	second.Offset, second.Size = s.Offset+first.Size, s.Size-first.Size
	second.SegmentFrames = min(s.SegmentFrames, int(second.Frames()))
	later.First += frame
	second.refers = &later
	return []Span{first, second}
}

// shiftBias is added to Shift in the header, and negatedBit if samples are negated.
const (
	shiftBias  = 32
	negatedBit = 1 << 6
)

// append appends what the header says before the audio.
func (r *Reference) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, referenceSpan), uint64(r.Source))
	b = binary.LittleEndian.AppendUint32(b, r.Sum)
	b = binary.AppendUvarint(b, uint64(r.First))
	how := byte(r.Shift + shiftBias)
	if r.Negated {
		how |= negatedBit
	}
	return append(b, how)
}

// appendChannels appends what the header says behind the audio.
func (r *Reference) appendChannels(b []byte) []byte {
	for _, c := range r.Channels {
		b = append(b, byte(c))
	}
	return b
}

// reference reads a span whose samples another stream has.
func (p *parser) reference(s *Span, most int64) {
	r := &Reference{Source: p.number(math.MaxInt64)}
	if sum := p.bytes(checksumSize); sum != nil {
		r.Sum = binary.LittleEndian.Uint32(sum)
	}
	r.First = p.number(math.MaxInt64)
	how := p.byte()
	r.Shift, r.Negated = int(how&^negatedBit)-shiftBias, how&negatedBit != 0
	switch tag := p.byte(); {
	case tag&audioSpan != 0:
		p.audio(s, tag, most)
	case tag == flacSpan:
		p.flac(s, most)
	default:
		p.fail("only audio can refer to another recording")
	}
	for range s.Format.Channels {
		r.Channels = append(r.Channels, int(p.byte()))
	}
	if p.err != nil {
		return
	}
	if r.Source == Itself && r.Sum != 0 {
		p.fail("a reference within the recording names another one")
	}
	shifted := (r.Shift != 0 || r.Negated) && s.Format.Kind != recording.Integer
	if shifted || r.Shift <= -shiftBias || r.Shift >= s.Format.ContainerBits() || r.First > math.MaxInt64-s.Frames() || s.Format.Width > 4 {
		p.fail("a reference to frame %d, shifted by %d bits, is impossible", r.First, r.Shift)
	}
	s.refers = r
}

// Stored are the samples of a part, as they are stored in the file: integers at
// the full width of their container, floats of 32 bits as their bits, companded
// samples as recording.Format.Samples has them. It is nil if there are none, or if
// they have more bits.
func (p Part) Stored() [][]int32 {
	switch {
	case !p.Audio() || p.Format.Width > 4:
		return nil
	case p.FLAC():
		return p.Samples
	}
	return p.Format.Samples(p.Raw)
}

// Refers reports whether another stream has the samples of the part.
func (p Place) Refers() bool { return p.refers != nil }

// referred returns the samples of a part that another stream has, as Part.Stored
// does. With Losses, it returns the others. Meanwhile it calls ready as Sources does.
func referred(ctx context.Context, sources Sources, p Place, ready func([][]int32)) ([][]int32, error) {
	if sources == nil {
		return nil, errors.New("its samples are in another recording, which is not at hand")
	}
	r := p.refers
	if r.Source == Itself && r.First > p.Start-p.Frames {
		return nil, errors.New("it refers to what does not come before it")
	}
	kind, from, err := sources.Samples(ctx, *r, int(p.Frames), ready)
	var losses Losses
	if err != nil && !errors.As(err, &losses) {
		return nil, err
	}
	if kind != p.Format.Kind {
		return nil, errors.New("its samples are in another recording, which has others")
	}
	if err := checkShape(from, len(r.Channels), int(p.Frames)); err != nil {
		return nil, err
	}
	for _, samples := range from {
		if err := r.change(samples, p.Format.ContainerBits()); err != nil {
			return nil, err
		}
	}
	return from, err
}

// change makes samples of those that the reference leads to. They must have room in
// so many bits, and lose nothing.
func (r Reference) change(samples []int32, bits int) error {
	left, right, sign := max(r.Shift, 0), max(-r.Shift, 0), int64(1)
	if r.Negated {
		sign = -1
	}
	for i, v := range samples {
		whole := sign * int64(v) << left
		x := whole >> right
		if x != x<<(64-bits)>>(64-bits) || x<<right != whole {
			return errors.New("the samples of the other recording have more bits")
		}
		samples[i] = int32(x)
	}
	return nil
}

// referredOf decodes a part whose samples another stream has. It calls ready, which
// may be nil, as PartGradually does.
func (d *Decoder) referredOf(ctx context.Context, p Place, payload []byte, ready func(Part)) (original []byte, samples [][]int32, err error) {
	if samples, err = referred(ctx, d.sources, p, growingOf(p, ready)); err != nil {
		return nil, nil, err
	}
	if p.FLAC() {
		original, err = rebuildFLAC(p, samples, payload)
		return original, samples, err
	}
	if len(payload) > 0 {
		return nil, nil, errors.New("it has bytes, but another recording has its samples")
	}
	original = p.Format.Bytes(samples)
	return original, plain(p.Format, original), nil
}

// Stretch does what Sources does, for the stream that r leads to. stored returns
// Part.Stored of a part, and may call its ready, unless that is nil, with the beginnings
// of it. Frames of parts for which it fails are silent, and told by Losses.
func (d *Decoder) Stretch(
	r Reference, frames int, ready func([][]int32), stored func(i int, ready func([][]int32)) ([][]int32, error),
) (recording.Kind, [][]int32, error) {
	first, channels := r.First, r.Channels
	if first < 0 || first > d.layout.all().frames-int64(frames) {
		return 0, nil, fmt.Errorf("it has no frames %d to %d", first, first+int64(frames)-1)
	}
	kind, all := d.layout.placeOfFrame(first).Format.Kind, make([][]int32, len(channels))
	var losses Losses
	for at, end := first, first+int64(frames); at < end; {
		p := d.layout.placeOfFrame(at)
		if p.Refers() && (r.Source == Itself || p.refers.Source != Itself) {
			return 0, nil, errors.New("it refers to another recording itself")
		}
		until := min(end, p.Start+p.Frames)
		var begun func([][]int32)
		if ready != nil && at == first {
			begun = func(part [][]int32) { r.begun(part, first-p.Start, frames, ready) }
		}
		part, err := stored(int(p.part), begun)
		if err != nil {
			losses = append(losses, Loss{at - first, until - at, err})
			part = silent(p)
		}
		for c, k := range channels {
			if k >= len(part) || kind != p.Format.Kind {
				return 0, nil, fmt.Errorf("it has no such audio in channel %d", k+1)
			}
			all[c] = append(all[c], part[k][at-p.Start:until-p.Start]...)
		}
		at = until
	}
	if losses != nil {
		return kind, all, losses
	}
	return kind, all, nil
}

// begun calls ready with what the beginning of a part has of a stretch of so many
// frames, from the given one of the part on, if that is something, but not all.
func (r Reference) begun(part [][]int32, from int64, frames int, ready func([][]int32)) {
	first := make([][]int32, len(r.Channels))
	for c, k := range r.Channels {
		if k >= len(part) || int64(len(part[k])) <= from || int64(len(part[k]))-from >= int64(frames) {
			return
		}
		first[c] = part[k][from:]
	}
	ready(first)
}

// placeOfFrame returns where the segment is that has a frame, counted over all spans
// of audio.
func (l layout) placeOfFrame(frame int64) Place {
	s := sort.Search(len(l.header.Spans), func(s int) bool { return l.before[s+1].frames > frame })
	span, within := l.header.Spans[s], frame-l.before[s].frames
	if !span.FLAC() {
		return l.within(s, within/int64(span.SegmentFrames))
	}
	return l.within(s, int64(sort.Search(len(span.flac), func(i int) bool { return span.flac[i].end() > within })))
}
