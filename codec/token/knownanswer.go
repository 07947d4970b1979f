package token

import (
	"errors"
	"hash/fnv"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/feature"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
)

// knownAnswerSums are the digests of what knownAnswer codes with and without the last stage. They belong to the format: if
// they change, so do archives.
var knownAnswerSums = map[bool]uint64{true: 0x714273e556d7259d, false: 0xcf02a5a212437ecc}

// knownWholeSums are those of whole tokens.
var knownWholeSums = map[rangecoder.Symbols]uint64{rangecoder.Bytes: 0x449ad922bb65d44c, rangecoder.Pairs: 0x4170f8f5e9c91675}

var errKnownAnswer = errors.New("its token coder gives wrong results on this machine")

func init() {
	for _, p := range kernel.Paths() {
		for _, corrected := range []bool{true, false} {
			if err := knownAnswer(corrected, kernelsOf(p, corrected)); err != nil {
				kernel.Refuse(p, err)
			}
		}
		for symbols := range knownWholeSums {
			if err := knownWhole(symbols, wholeKernelOf(p, symbols)); err != nil {
				kernel.Refuse(p, err)
			}
		}
	}
}

// knownAnswer codes ranks that are drawn at random, decodes them again, and compares them and the digest of the code.
func knownAnswer(corrected bool, k kernels) error {
	h := fnv.New64a()
	for _, set := range knownAnswerSets() {
		e := rangecoder.NewEncoder(nil)
		state := uint32(1)
		ranks := make([]int64, 200)
		encoder, decoder := newCoder(set, corrected, k), newCoder(set, corrected, k)
		for i := range ranks {
			d, scale := knownAnswerSample(&state, set)
			ranks[i] = int64(next(&state)>>1) % set.Len()
			encoder.Encode(e, d, scale, ranks[i])
		}
		code := e.Finish()
		h.Write(code)
		r := rangecoder.NewDecoder(code)
		state = 1
		for _, rank := range ranks {
			d, scale := knownAnswerSample(&state, set)
			next(&state)
			if decoder.Decode(r, d, scale) != rank {
				return errKnownAnswer
			}
		}
	}
	if h.Sum64() != knownAnswerSums[corrected] {
		return errKnownAnswer
	}
	return nil
}

// knownWhole is knownAnswer for whole tokens.
func knownWhole(symbols rangecoder.Symbols, decode wholeKernel) error {
	h := fnv.New64a()
	for _, set := range knownAnswerSets() {
		e := rangecoder.NewSymbolEncoder(symbols, nil)
		state := uint32(1)
		ranks := make([]int64, 200)
		coder := newWhole(set, symbols, decode)
		for i := range ranks {
			d, _ := knownAnswerSample(&state, set)
			ranks[i] = int64(next(&state)>>1) % set.Len()
			coder.Encode(e, d, ranks[i])
		}
		code := e.Finish()
		h.Write(code)
		r := rangecoder.NewSymbolDecoder(symbols, code)
		state = 1
		for i, rank := range ranks {
			d, scale := knownAnswerSample(&state, set)
			next(&state)
			if coder.Decode(r, d, scale*float64(i&7)) != rank {
				return errKnownAnswer
			}
		}
	}
	if h.Sum64() != knownWholeSums[symbols] {
		return errKnownAnswer
	}
	return nil
}

// knownAnswerSets are of one, two and three bytes, dense and listed.
func knownAnswerSets() []alphabet.Set {
	var listed []int64
	for i := range int64(300) {
		listed = append(listed, i*i-20000)
	}
	return []alphabet.Set{alphabet.Dense(-100, 90), alphabet.Dense(-20000, 20000), alphabet.Listed(listed), alphabet.Dense(-1<<22, 1<<22)}
}

// knownAnswerSample makes a distribution about as wide as the set.
func knownAnswerSample(state *uint32, set alphabet.Set) (d *mixture.Distribution, scale float64) {
	var outputs [mixture.Outputs]int32
	for i := range outputs {
		outputs[i] = int32(next(state)>>24) - 128
	}
	width := float64(set.High - set.Low)
	row := feature.Row{Base: float64(set.Low) + float64(width*float64(next(state)>>8)/(1<<24)), Scale: width / 64}
	d = &mixture.Distribution{}
	d.Set(&outputs, &row)
	return d, row.Scale
}

func next(state *uint32) uint32 {
	*state = *state*1664525 + 1013904223
	return *state
}
