package duplicate

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestIndexIsThinned adds more fingerprints than an Index holds: what is left are the
// rarest ones.
func TestIndexIsThinned(t *testing.T) {
	x, random := New(), rand.New(rand.NewPCG(1, 2))
	all := make([]uint64, 5*maxPrints)
	for i := range all {
		all[i] = random.Uint64()
		x.add(all[i], place{frame: int64(i)})
		if len(x.prints) > maxPrints {
			t.Fatalf("there are %d after %d", len(x.prints), i+1)
		}
	}
	if x.rarity != minRarity+3 {
		t.Errorf("they are left that come once in %d samples", 1<<x.rarity)
	}
	for i, f := range all {
		if packed, ok := x.prints[f]; ok != isRare(f, x.rarity) || ok && unpack(packed).frame != int64(i) {
			t.Fatalf("fingerprint %d is found: %v", i, ok)
		}
	}
}

func TestPlacesFit(t *testing.T) {
	for _, p := range []place{{}, {1, 2, 3}, {1<<recordingBits - 1, 1<<channelBits - 1, 1<<frameBits - 1}} {
		if packed, ok := p.pack(); !ok || unpack(packed) != p {
			t.Errorf("%v becomes %v, %v", p, unpack(packed), ok)
		}
	}
	for _, p := range []place{{recording: 1 << recordingBits}, {channel: 1 << channelBits}, {frame: 1 << frameBits}} {
		if _, ok := p.pack(); ok {
			t.Errorf("%v fits", p)
		}
	}
}

// TestPrintsDoNotDependOnBlocks gives samples to a Printer in blocks of other sizes,
// and shifted.
func TestPrintsDoNotDependOnBlocks(t *testing.T) {
	const frames = 100_000
	random := rand.New(rand.NewPCG(3, 4))
	samples := [][]int32{make([]int32, frames), make([]int32, frames)}
	for c := range samples {
		for i := range samples[c] {
			samples[c][i] = int32(random.IntN(1<<12)) - 1<<11
		}
	}
	var whole Printer
	whole.Add(samples)
	if n := len(whole.found); n < 2*frames>>maxRarity/2 || n > 2*frames>>maxRarity*2 {
		t.Errorf("there are %d fingerprints in %d samples", n, 2*frames)
	}
	for _, size := range []int{1, 7, before - 1, before, before + 1, 4096} {
		var p Printer
		for at := 0; at < frames; at += size {
			part := make([][]int32, len(samples))
			for c := range part {
				for _, v := range samples[c][at:min(at+size, frames)] {
					part[c] = append(part[c], v<<8)
				}
			}
			p.Add(part)
		}
		if !reflect.DeepEqual(p.found, whole.found) {
			t.Errorf("blocks of %d have %d fingerprints, all together %d", size, len(p.found), len(whole.found))
		}
	}
}
