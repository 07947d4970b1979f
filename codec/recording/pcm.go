package recording

import (
	"encoding/binary"
	"slices"
)

// PCM is how other programs take such samples, and FLAC's checksum of them does
// (RFC 9639, section 8.2): little-endian and signed; what is companded as integers
// of 16 bits. Floats stay floats.
func (f Format) PCM() Format {
	f.BigEndian, f.Unsigned = false, false
	if f.Kind == MuLaw || f.Kind == ALaw {
		f.Kind, f.Width, f.ValidBits = Integer, 2, 16
	}
	return f
}

// ToPCM returns raw audio, whole samples, as PCM has it. The result may be raw
// itself.
func (f Format) ToPCM(raw []byte) []byte {
	switch {
	case f.Kind == MuLaw:
		return expand(raw, &muLawPCM)
	case f.Kind == ALaw:
		return expand(raw, &aLawPCM)
	case f.Unsigned:
		signed := slices.Clone(raw)
		for i := range signed {
			signed[i] ^= 0x80
		}
		return signed
	case f.BigEndian:
		swapped := slices.Clone(raw)
		for i := 0; i+f.Width <= len(swapped); i += f.Width {
			slices.Reverse(swapped[i : i+f.Width])
		}
		return swapped
	}
	return raw
}

// expand returns the samples of 16 bits that codes stand for.
func expand(codes []byte, table *[256]int16) []byte {
	b := make([]byte, 0, 2*len(codes))
	for _, c := range codes {
		b = binary.LittleEndian.AppendUint16(b, uint16(table[c]))
	}
	return b
}

// The values that all codes have with 16 bits. G.711 has 14 and 13. Both zeros of
// mu-law are 0.
var (
	muLawPCM = expansions(muLawMagnitude, muLawInversion, 4)
	aLawPCM  = expansions(aLawMagnitude, aLawInversion, 8)
)

func expansions(magnitude func(int32) int32, inversion byte, scale int32) (table [256]int16) {
	for code := range table {
		s := fromCode(byte(code), inversion)
		if s >= 0 {
			table[code] = int16(scale * magnitude(s))
		} else {
			table[code] = int16(-scale * magnitude(-1-s))
		}
	}
	return table
}
