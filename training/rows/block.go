package main

import (
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"

	"trilobyte/codec"
	"trilobyte/training/sound"
)

// block is the rows of one file.
type block struct {
	name      string
	part      byte // one of 256
	sequences []*sequence
}

// sequence is some rows of one channel in their order: consecutive ones, unless they were chosen one by one.
type sequence struct {
	features []byte
	targets  []float32
}

// rowsOf makes the rows of the file at path. Its name below the data decides which part it falls into and which rows are chosen.
func (t taker) rowsOf(path, name string) (*block, error) {
	s, err := sound.Read(path, t.samples)
	if err != nil {
		return nil, err
	}
	name = filepath.ToSlash(name)
	h := fnv.New64a()
	h.Write([]byte(name))
	random := rand.New(rand.NewPCG(h.Sum64(), 0))
	b := &block{name: name, part: byte(h.Sum64() >> 32)}
	if t.whole {
		b.addAll(t, s)
		return b, nil
	}
	add := b.addSpans
	if t.span == 1 {
		add = b.addSome
	}
	add(t, s, t.rows, random)
	for _, variant := range s.Variants(random) {
		add(t, variant, t.rows/2, random)
	}
	if looped := s.Looped(random); looped != nil && random.Float64() < 0.5 {
		add(t, looped, t.rows/2, random)
	}
	if mixed := s.Mixed(random); mixed != nil && random.Float64() < 0.25 {
		add(t, mixed, t.rows/2, random)
	}
	b.addBeginnings(t, s, t.rows/5, random)
	return b, nil
}

// beginning is how many frames count as the beginning of a recording.
const beginning = 4096

// addBeginnings makes recordings of parts of the sound, and keeps all of their rows, about so many.
func (b *block) addBeginnings(t taker, s *sound.Sound, rows int, random *rand.Rand) {
	frames := max(t.span, min(beginning, rows/len(s.Samples)))
	for range max(1, rows/(frames*len(s.Samples))) {
		if part := s.Part(frames, random); len(part.Samples[0]) >= t.span {
			b.addAll(t, part)
		}
	}
}

// share is the part of the sound's samples that so many rows are.
func share(s *sound.Sound, rows int) float64 {
	return min(1, float64(rows)/float64(len(s.Samples)*len(s.Samples[0])))
}

// addSome runs the predictors over the sound and keeps about so many rows, each chosen at random.
func (b *block) addSome(t taker, s *sound.Sound, rows int, random *rand.Rand) {
	keep := share(s, rows)
	kept := &sequence{}
	codec.EachRow(t.description, s.Samples, func(row codec.Row) {
		if random.Float64() < keep {
			kept.append(row)
		}
	})
	b.sequences = append(b.sequences, kept)
}

// addSpans runs the predictors over the sound and keeps about so many rows, in spans chosen at random.
func (b *block) addSpans(t taker, s *sound.Sound, rows int, random *rand.Rand) {
	keep, span := share(s, rows), t.span
	seen, open := make([]int, len(s.Samples)), make([]*sequence, len(s.Samples))
	codec.EachRow(t.description, s.Samples, func(row codec.Row) {
		c := row.Channel
		if seen[c]%span == 0 {
			open[c] = nil
			if whole := seen[c]+span <= len(s.Samples[c]); whole && random.Float64() < keep {
				open[c] = &sequence{}
				b.sequences = append(b.sequences, open[c])
			}
		}
		if open[c] != nil {
			open[c].append(row)
		}
		seen[c]++
	})
}

// addAll runs the predictors over the sound and keeps all rows.
func (b *block) addAll(t taker, s *sound.Sound) {
	channels := make([]*sequence, len(s.Samples))
	codec.EachRow(t.description, s.Samples, func(row codec.Row) {
		if channels[row.Channel] == nil {
			channels[row.Channel] = &sequence{}
			b.sequences = append(b.sequences, channels[row.Channel])
		}
		channels[row.Channel].append(row)
	})
}

func (s *sequence) append(row codec.Row) {
	s.features = append(s.features, row.Features...)
	s.targets = append(s.targets, float32(row.Error), float32(row.Half))
	s.targets = append(s.targets, row.Disagreement...)
}

func (s *sequence) rows() int { return len(s.features) / codec.Features }
