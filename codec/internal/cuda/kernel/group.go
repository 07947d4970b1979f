package kernel

import (
	"encoding/binary"
	"errors"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
)

// groupWriter writes the groups of a request as Group in source/layout.cuh.
type groupWriter struct {
	request *Request
	out     *memory     // the groups
	data    memory      // what is behind them; it has room for them at its beginning
	steps   map[int]int // where the steps of tracks are, by their numbers
	scratch int         // taken by the group so far
}

// groupBytes is the size of Group.
func (s *shape) groupBytes() int {
	return 32 + 64*len(s.unknowns) + 32*len(s.slots) + 16*mostReferences + 16*len(s.squares)*mostReferences + 2*s.trackBytes()
}

func (s *shape) trackBytes() int { return 16 + 34*8 + ways*96 + 16*max(1, s.tones()) + 32 }

func (s *shape) tones() int { return len(s.description.Predictors.Tones) }

const mostReferences = predictor.MaxReferences

// place finds the places of the steps of a group's tracks, and of their streams.
func (g *groupWriter) place(group *Group, number int) {
	r := g.request
	frames := r.segment.Frames + group.Offset
	for i := range group.Tracks {
		p := &r.tracks[number+i]
		first := group.Offset * i
		if r.segment.Encode {
			g.steps[number+i] = g.data.align(16)
			for k := range frames {
				g.data.int(int(padded(p.track, k-first)))
			}
			for k := range p.ways {
				if w := &p.ways[k]; w.possible {
					r.Output = simd.RoundUp(r.Output, 256)
					w.at, w.room = r.Output, r.segment.Frames*w.digits()/8+1024
					r.Output += w.room
				}
			}
		} else {
			r.Output = simd.RoundUp(r.Output, 256)
			g.steps[number+i] = r.Output
			r.Output += 4 * frames
		}
		p.steps = g.steps[number+i] + 4*first
	}
}

// padded is a track's step in a frame, or what stands for one where there is none.
func padded(t *Track, frame int) int32 {
	if frame < 0 {
		return int32(max(t.Low, min(t.High, 0)))
	}
	return t.Steps[min(frame, len(t.Steps)-1)]
}

// take takes some bytes of scratch and returns where they are.
func (g *groupWriter) take(bytes int) int {
	at := g.scratch
	g.scratch += simd.RoundUp(bytes, 256)
	return at
}

// beyond is how many bytes behind the statistics the kernel may read.
const beyond = 2048

func (g *groupWriter) write(group *Group, number int) {
	s := g.request.kernel.shape
	out := g.out
	sources := group.Lags != nil || len(group.References) > 0
	paired := len(group.Tracks) == 2 || len(group.References) > 0
	a := s.usual
	unknowns, own, rest := s.sources(group.Lags != nil, paired)
	lags, rows, factors := 0, 0, 0
	if sources {
		a = s.arrange(unknowns)
		rows, factors = g.take(2*len(s.squares)*4*64*8), g.take(8*s.other.factors)
		a.size = s.other.size
	} else {
		unknowns = s.unknowns
	}
	moments := g.take(16*a.size + beyond)
	if group.Lags != nil {
		lags = g.data.align(16)
		g.data.int(group.Lags...)
	}
	out.int(len(group.Tracks), g.request.segment.Frames+group.Offset)
	out.bool(sources)
	out.int(len(group.References), lags, rows, moments, factors)
	for i, n := range unknowns {
		g.writeSystem(i, n, own, a.moments[i])
		if i < len(s.squares) {
			out.int(rest[i][0], rest[i][1], rest[i][2], len(dividedExtracts(group.References, rest[i][0])))
		} else {
			out.zeros(16)
		}
	}
	for i, pair := range s.slots {
		out.int(pair[0], pair[1])
		out.bool(a.halves[i])
		out.int(a.rooms[i], s.warp(i), 0, 0, 0)
	}
	var extracts memory
	for i := range s.squares {
		list := dividedExtracts(group.References, rest[i][0])
		for _, e := range list {
			extracts.int(e.reference, e.offset, e.size, 0)
		}
		extracts.zeros(16 * (mostReferences - len(list)))
	}
	for _, ref := range group.References {
		out.int(g.request.tracks[ref.Track].steps, ref.Delay, g.request.segment.Frames, 0)
	}
	out.zeros(16 * (mostReferences - len(group.References)))
	out.b = append(out.b, extracts.b...)
	for i := range group.Tracks {
		g.writeTrack(&group.Tracks[i], number+i, group.Offset*i)
	}
	out.zeros((2 - len(group.Tracks)) * s.trackBytes())
}

func (g *groupWriter) writeSystem(i, unknowns int, own []int, moments int) {
	s, out := g.request.kernel.shape, g.out
	solution := s.solution(i)
	mine, prediction := 0, i
	if i < len(s.squares) {
		mine = own[i]
	} else {
		prediction = s.firstMixer + i - len(s.squares)
	}
	out.double(solution.Forget, solution.Ridge)
	out.int(unknowns, mine, prediction, solution.First, solution.Last, moments, s.weights[i], mostReferences*i)
}

// extract is what a least squares sees of a reference.
type extract struct{ reference, offset, size int }

// dividedExtracts divides so many regressors among references, as predictor does.
func dividedExtracts(references []Reference, regressors int) (list []extract) {
	if len(references) == 0 || regressors == 0 {
		return nil
	}
	share := max(1, regressors/len(references))
	for i, r := range references {
		size := min(share, regressors)
		list = append(list, extract{i, -r.Delay - (size-1)/2, size})
		if regressors -= size; regressors == 0 {
			break
		}
	}
	return list
}

func (g *groupWriter) writeTrack(t *Track, number, first int) {
	s, out, data := g.request.kernel.shape, g.out, &g.data
	p := &g.request.tracks[number]
	out.double(float64(t.Low), float64(t.High))
	expected := make([]float64, 34)
	copy(expected, t.Start.Errors())
	out.double(expected...)
	for i := range p.ways {
		g.writeWay(&p.ways[i])
	}
	for i, tone := range s.description.Predictors.Tones {
		if t.Window == 0 {
			out.int(0, 0, 0, 0)
			continue
		}
		tables, length := g.request.kernel.windows[toneWindow{i, t.Window}], toneLength(tone)
		shrink := data.align(16)
		data.b = append(data.b, tables...)
		state := g.take(8 * (9*length + 3*256 + 4*toneBlock(tone)))
		out.int(shrink, shrink+8*length, state, 0)
	}
	if s.tones() == 0 {
		out.int(0, 0, 0, 0)
	}
	out.int(first, g.request.segment.Frames, len(t.Start.Reflections))
	out.int(data.doublesAt(coefficients(t.Start)), g.steps[number])
	out.bool(t.Window > 0)
	out.int(number, 0)
}

func (g *groupWriter) writeWay(w *way) {
	out, data := g.out, &g.data
	if !w.possible {
		out.zeros(96)
		return
	}
	count := w.set.Len()
	out.long(uint64(count), uint64(w.set.Low))
	out.double(uniform/float64(count), float64(w.set.High-w.set.Low)/float64(count-1))
	out.long(w.state.Low, w.state.Span)
	out.bool(w.possible)
	out.bool(w.sse)
	list, stream, length, tables := 0, w.at, w.room, 0
	if w.list != nil {
		list = data.align(16)
		for _, step := range w.list {
			data.int(int(step))
		}
	}
	if !g.request.segment.Encode {
		stream, length = data.align(16), len(w.stream)
		data.b = append(data.b, w.stream...)
		data.zeros(16)
	}
	if w.sse {
		tables = g.take(4 * 33 * (w.digits()/8*256 + 24*8))
	}
	out.int(list, w.digits(), stream, length, w.state.Next, w.state.Cache, w.state.Pending, len(w.prefix), tables, 0)
}

var errCutOff = errors.New("a list of steps is cut off")

// splitStream and joinStream are readStream and appendStream of package segment.
func splitStream(data []byte) (stream, rest []byte, err error) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return nil, nil, errCutOff
	}
	data = data[n:]
	return data[:length], data[length:], nil
}

func joinStream(stream []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(stream))), stream...)
}
