package symbol

import (
	"errors"
	"hash/fnv"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// The digests of what symbolsAnswer and correctedAnswer code. They belong to the format: if they change, so do archives.
const (
	symbolsSum   = 0x4170f8f5e9c91675
	correctedSum = 0x714273e556d7259d
)

var errKnownAnswer = errors.New("its symbol coder gives wrong results on this machine")

// knownAnswer codes ranks that are drawn at random, decodes them again, and compares them and the digest of the code.
func knownAnswer() error { return errors.Join(symbolsAnswer(), correctedAnswer()) }

func correctedAnswer() error {
	h := fnv.New64a()
	var d mixture.Distribution
	for _, set := range knownAnswerSets() {
		e := rangecoder.NewEncoder(nil)
		state := uint32(1)
		ranks := make([]int64, 200)
		encoder, decoder := NewCorrected(set), NewCorrected(set)
		for i := range ranks {
			scale := knownAnswerSample(&d, &state, set)
			ranks[i] = int64(next(&state)>>1) % set.Len()
			encoder.Encode(e, &d, scale, ranks[i])
		}
		code := e.Finish()
		h.Write(code)
		r := rangecoder.NewDecoder(code)
		state = 1
		for _, rank := range ranks {
			scale := knownAnswerSample(&d, &state, set)
			next(&state)
			if decoder.Decode(r, &d, scale) != rank {
				return errKnownAnswer
			}
		}
	}
	if h.Sum64() != correctedSum {
		return errKnownAnswer
	}
	return nil
}

func symbolsAnswer() error {
	h := fnv.New64a()
	var d mixture.Distribution
	for _, set := range knownAnswerSets() {
		e := rangecoder.NewSymbolEncoder(nil)
		state := uint32(1)
		ranks := make([]int64, 200)
		coder := New(set)
		for i := range ranks {
			knownAnswerSample(&d, &state, set)
			ranks[i] = int64(next(&state)>>1) % set.Len()
			coder.Encode(e, &d, ranks[i])
		}
		code := e.Finish()
		h.Write(code)
		r := rangecoder.NewSymbolDecoder(code)
		state = 1
		for i, rank := range ranks {
			knownAnswerSample(&d, &state, set)
			next(&state)
			coder.tree.scale = float64(i & 7) // good and bad ones
			if coder.Decode(r, &d) != rank {
				return errKnownAnswer
			}
		}
	}
	if h.Sum64() != symbolsSum {
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

// knownAnswerSample makes d a distribution about as wide as the set.
func knownAnswerSample(d *mixture.Distribution, state *uint32, set alphabet.Set) (scale float64) {
	var outputs [mixture.Outputs]int32
	for i := range outputs {
		outputs[i] = int32(next(state)>>24) - 128
	}
	width := float64(set.High - set.Low)
	base := float64(set.Low) + float64(width*float64(next(state)>>8)/(1<<24))
	scale = width / 64
	d.Set(&outputs, &[mixture.Disagreements]float32{}, base, scale)
	return scale
}

func next(state *uint32) uint32 {
	*state = *state*1664525 + 1013904223
	return *state
}
