package segment

import (
	"encoding/binary"
	"math"
	"slices"

	"trilobyte/codec/internal/predictor"
)

// The ways in which groups are told.
const (
	usualGroups = iota // pairs of neighbours, without offsets or references
	otherGroups
)

// appendGroups appends which groups some tracks, which come in ascending order of their channels, are coded in.
func appendGroups(out []byte, groups []Group) []byte {
	order := tracksOf(groups)
	if len(order) < 2 {
		return out
	}
	usual := slices.IsSortedFunc(order, byChannel)
	for i, g := range groups {
		usual = usual && g.Offset == 0 && len(g.References) == 0 && (len(g.Tracks) == 2 || i == len(groups)-1)
	}
	if usual {
		return append(out, usualGroups)
	}
	out = append(out, otherGroups)
	left := slices.SortedFunc(slices.Values(order), byChannel)
	take := func(t Track) uint64 {
		at, _ := slices.BinarySearchFunc(left, t, byChannel)
		left = slices.Delete(left, at, at+1)
		return uint64(at)
	}
	for _, g := range groups {
		out = binary.AppendUvarint(out, take(g.Tracks[0]))
		if len(g.Tracks) == 2 {
			out = binary.AppendUvarint(append(out, pairMark), take(g.Tracks[1]))
			out = binary.AppendUvarint(out, uint64(g.Offset))
			continue
		}
		out = append(out, byte(len(g.References)))
		for _, r := range g.References {
			out = binary.AppendUvarint(out, uint64(r.track))
			out = binary.AppendVarint(out, int64(r.delay))
		}
	}
	return out
}

// appendBeginnings appends what is known of a group's tracks at the beginning.
func appendBeginnings(out []byte, g *Group) []byte {
	for i, s := range g.Starts {
		out = append(out, s.Size, byte(len(s.Reflections)+orders*int(g.Windows[i])))
		for _, r := range s.Reflections {
			out = append(out, byte(r))
		}
	}
	return out
}

// orders is how many orders a Start may have: a byte tells that and a Window.
const orders = predictor.MaxStart + 1

// beginnings reads what is known of a group's tracks.
func (r *reader) beginnings(g *Group) {
	for range g.Tracks {
		size, number := r.byte(), r.byte()
		s, window := predictor.Start{Size: size, Reflections: make([]int8, number%orders)}, predictor.Window(number/orders)
		if size > predictor.MaxSize || window > predictor.MaxWindow {
			r.fail()
		}
		for i := range s.Reflections {
			if s.Reflections[i] = int8(r.byte()); s.Reflections[i] == math.MinInt8 {
				r.fail()
			}
		}
		g.Starts, g.Windows = append(g.Starts, s), append(g.Windows, window)
	}
}

// pairMark stands for a pair where the number of a channel's references stands otherwise.
const pairMark = maxReferences + 1

func byChannel(a, b Track) int { return a.Channel - b.Channel }

// groups reads the groups that some tracks are coded in.
func (r *reader) groups(tracks []Track) []Group {
	if len(tracks) < 2 {
		return neighbours(tracks)
	}
	switch r.byte() {
	case usualGroups:
		return neighbours(tracks)
	case otherGroups:
	default:
		r.fail()
		return nil
	}
	left := slices.Clone(tracks)
	take := func() (t Track) {
		at := r.uvarint()
		if at >= uint64(len(left)) {
			r.fail()
			return t
		}
		t = left[at]
		left = slices.Delete(left, int(at), int(at)+1)
		return t
	}
	var groups []Group
	for r.err == nil && len(left) > 0 {
		g := Group{Tracks: []Track{take()}}
		switch n := int(r.byte()); {
		case n == pairMark:
			g.Tracks = append(g.Tracks, take())
			if offset := r.uvarint(); offset <= maxOffset {
				g.Offset = int(offset)
				break
			}
			r.fail()
		case n > maxReferences:
			r.fail()
		default:
			g.References = r.references(n, len(tracks)-len(left)-1)
		}
		groups = append(groups, g)
	}
	return groups
}

// references reads so many references to a number of tracks.
func (r *reader) references(n, tracks int) (list []reference) {
	for range n {
		track, delay := r.uvarint(), r.varint()
		if track >= uint64(tracks) || delay < -predictor.MaxDelay || delay > predictor.MaxDelay {
			r.fail()
			return nil
		}
		list = append(list, reference{int(track), int(delay)})
	}
	return list
}
