// Package duplicate finds stretches of recordings that are in others which came
// before them: cut, shifted, some of the channels, in another width or container,
// upside down. Of long recordings it finds what they had before themselves, too.
//
// An Index has fingerprints of places that the samples themselves choose, so that
// the same places are chosen wherever the stretch begins: content-defined chunking
// (Muthitacharoen, Chen and Mazieres, "A low-bandwidth network file system", 2001),
// with a hash that does not change with the bits that samples have. Where one is
// found again, samples are compared, one by one, as far as they are the same.
package duplicate

import (
	"sort"

	"trilobyte/codec/recording"
)

// Recording is the sound of a file.
type Recording interface {
	Format() recording.Format
	Frames() int64
	// Samples returns so many frames from first on, samples[channel][frame]: integers
	// at the full width of their container, or what stands for others, with up to 32
	// bits. The result may be changed by the next call.
	Samples(first int64, frames int) ([][]int32, error)
}

// maxPrints is how many fingerprints an Index holds: 64 MB or so. When there are
// more, it forgets every second one.
const maxPrints = 1 << 21

// Index knows recordings by their fingerprints. They are numbered from 0 in the
// order in which they were added. It is not for concurrent use.
type Index struct {
	prints map[uint64]uint64 // places by fingerprints
	rarity uint              // of those that are left
	known  []ranges          // of each recording: which frames others may refer to
}

// New returns an Index that knows nothing.
func New() *Index { return &Index{prints: map[uint64]uint64{}, rarity: minRarity} }

// ranges are frames, in their order, from the first to before the second.
type ranges [][2]int64

// around returns the range that has a frame.
func (r ranges) around(frame int64) (from, to int64, ok bool) {
	i := sort.Search(len(r), func(i int) bool { return r[i][1] > frame })
	if i == len(r) || r[i][0] > frame {
		return 0, 0, false
	}
	return r[i][0], r[i][1], true
}

// place is where a fingerprint was: the last frame of it, in a channel of a
// recording.
type place struct {
	recording, channel int
	frame              int64
}

// The bits of a place in the Index. What does not fit is not found again.
const (
	frameBits     = 36 // 198 hours at 96 kHz
	channelBits   = 6
	recordingBits = 64 - frameBits - channelBits
)

func (p place) pack() (packed uint64, ok bool) {
	ok = p.frame < 1<<frameBits && p.channel < 1<<channelBits && p.recording < 1<<recordingBits
	return uint64(p.recording)<<(frameBits+channelBits) | uint64(p.channel)<<frameBits | uint64(p.frame), ok
}

func unpack(packed uint64) place {
	return place{
		recording: int(packed >> (frameBits + channelBits)),
		channel:   int(packed >> frameBits & (1<<channelBits - 1)),
		frame:     int64(packed & (1<<frameBits - 1)),
	}
}

// add adds a fingerprint, unless there is the same one already.
func (x *Index) add(f uint64, p place) {
	packed, ok := p.pack()
	if _, there := x.prints[f]; there || !ok || !isRare(f, x.rarity) {
		return
	}
	for len(x.prints) >= maxPrints {
		x.rarity++
		for f := range x.prints {
			if !isRare(f, x.rarity) {
				delete(x.prints, f)
			}
		}
	}
	if isRare(f, x.rarity) {
		x.prints[f] = packed
	}
}
