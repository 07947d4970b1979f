package kernel

import (
	"encoding/binary"
	"fmt"
)

// Result reads what the kernel left in the output of a request: each track in the order of coding. If it fails, the processor has to do it.
func (r *Request) Result(output []byte) ([]TrackResult, error) {
	if len(output) < r.Output || binary.LittleEndian.Uint32(output) != 1 {
		return nil, fmt.Errorf("kernel: a segment was not finished on the GPU")
	}
	if binary.LittleEndian.Uint32(output[4:]) != 0 {
		return nil, fmt.Errorf("%w: its streams are longer than its samples", ErrRefused)
	}
	var list []TrackResult
	for i := range r.tracks {
		p := &r.tracks[i]
		if !r.segment.Encode {
			steps := make([]int32, r.segment.Frames)
			for k := range steps {
				steps[k] = int32(binary.LittleEndian.Uint32(output[p.steps+4*k:]))
			}
			list = append(list, TrackResult{Steps: steps})
			continue
		}
		coded, err := p.shortest(output, resultsAt+wayResultBytes*ways*i)
		if err != nil {
			return nil, err
		}
		list = append(list, coded)
	}
	return list, nil
}

// shortest returns the shortest of the streams that were left, the first one of those that are equally long.
func (p *trackPlace) shortest(output []byte, at int) (best TrackResult, err error) {
	for i := range p.ways {
		w, result := &p.ways[i], output[at+wayResultBytes*i:]
		length, alive := int(binary.LittleEndian.Uint32(result)), binary.LittleEndian.Uint32(result[4:])&255 != 0
		if !w.possible || !alive {
			continue
		}
		if length < 0 || length > w.room {
			return best, fmt.Errorf("kernel: a stream of %d bytes in room for %d", length, w.room)
		}
		stream := append(append([]byte{}, w.prefix...), output[w.at:][:length]...)
		keep := len(w.prefix) // zeros at the end are left out, but those of a list that stands by itself
		if w.sse {
			keep = 0
		}
		for len(stream) > keep && stream[len(stream)-1] == 0 {
			stream = stream[:len(stream)-1]
		}
		if best.Stream == nil || len(stream) < len(best.Stream) {
			best = TrackResult{Stream: stream, Listed: w.listed, SSE: w.sse}
		}
	}
	if best.Stream == nil {
		return best, fmt.Errorf("kernel: a track without a stream")
	}
	return best, nil
}
