package expert

import "slices"

// The ensembles that archives may have been made with. None is ever changed or removed.
var (
	// First is the ensemble of the first archives.
	First = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{always(8, 0.998, 3000), always(8, 0.9995, 10000), always(8, 0.9998, 10000)}},
			{8, 8, []Setting{always(8, 0.98, 1000)}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(1024, 0.05), decaying(256, 0.06), decaying(32, 0.03), decaying(16, 0.03)}},
			{1, []Stage{flat(2048, 0.002), flat(256, 0.002), flat(32, 0.002), flat(16, 0.002)}},
		},
		Robust: []Robust{{0, decaying(32, 0.05)}},
		Cross:  []Cross{{decaying(32, 0.02)}},
		Mixers: []Setting{always(2, 0.9995, 5), always(2, 0.998, 5), always(2, 0.95, 5)},
	}

	// Default weighs size against speed.
	Default = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{{0.998, 3000, 1, 16}}},
			{24, 8, []Setting{{0.9997, 10000, 1, 32}}},
			{8, 8, []Setting{{0.98, 1000, 1, 16}}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(1024, 0.05), decaying(256, 0.06), decaying(32, 0.03), decaying(16, 0.03)}},
			{1, []Stage{flat(2048, 0.004), flat(256, 0.004), flat(32, 0.004), flat(16, 0.004)}},
			{1, []Stage{flat(256, 0.008), flat(32, 0.008), flat(16, 0.008)}},
		},
		Robust:       []Robust{{1, decaying(256, 0.03)}},
		Cross:        []Cross{{decaying(32, 0.02)}, {decaying(32, 0.005)}},
		Mixers:       []Setting{{0.9995, 5, 1, 8}, {0.998, 5, 1, 4}, {0.98, 5, 1, 4}},
		Unmixed:      []int{5, 9, 12},
		MixedSamples: 2,
	}

	// Max is for those who want the smallest archive.
	Max = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{{0.998, 3000, 1, 2}, {0.9995, 10000, 2, 8}}},
			{24, 8, []Setting{{0.998, 3000, 1, 2}, {0.9997, 10000, 2, 8}}},
			{8, 8, []Setting{always(1, 0.98, 1000), always(1, 0.995, 1000)}},
			{32, 16, []Setting{{0.9998, 10000, 4, 16}}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(1024, 0.05), decaying(256, 0.06), decaying(32, 0.03), decaying(16, 0.03)}},
			{3, []Stage{flat(2048, 0.004), flat(256, 0.004), flat(32, 0.004), flat(16, 0.004)}},
			{3, []Stage{flat(256, 0.008), flat(32, 0.008), flat(16, 0.008)}},
			{6, []Stage{flat(1024, 0.001), flat(256, 0.01), flat(16, 0.01)}},
		},
		Robust:       []Robust{{3, decaying(256, 0.03)}, {0, decaying(32, 0.05)}, {3, flat(1024, 0.004)}},
		Cross:        []Cross{{decaying(32, 0.02)}, {decaying(32, 0.005)}, {decaying(256, 0.02)}, {flat(1024, 0.002)}},
		Mixers:       []Setting{always(1, 0.9995, 25), always(1, 0.998, 25), always(1, 0.98, 25)},
		MixedSamples: 2,
	}

	// Blended is for the default preset, too: newer and quicker than Default. Its mixers have other memories and are
	// blended, and its third cascade learns fast what changes fast.
	Blended = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{{0.998, 3000, 1, 16}}},
			{24, 8, []Setting{{0.9997, 10000, 1, 32}}},
			{8, 8, []Setting{{0.98, 1000, 1, 16}}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(512, 0.05), decaying(64, 0.06), decaying(16, 0.03)}},
			{1, []Stage{flat(2048, 0.004), flat(256, 0.004), flat(32, 0.004), flat(16, 0.004)}},
			{1, []Stage{flat(256, 0.008), flat(64, 0.03), flat(32, 0.03), flat(16, 0.03)}},
		},
		Robust:       []Robust{{1, decaying(256, 0.03)}},
		Cross:        []Cross{{decaying(32, 0.02)}, {decaying(32, 0.005)}},
		Mixers:       []Setting{{0.997, 5, 1, 8}, {0.9995, 5, 1, 16}, {0.985, 5, 1, 8}},
		Unmixed:      []int{8, 11, 12},
		MixedSamples: 2,
		Blend:        &Setting{0.992, 5, 1, 1},
		Surprise:     0.3,
	}

	// BlendedMax is for the max preset: Blended, and more of each kind.
	BlendedMax = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{{0.998, 3000, 1, 2}}},
			{32, 16, []Setting{{0.9997, 10000, 1, 8}}},
			{8, 8, []Setting{always(1, 0.98, 1000)}},
			{16, 16, []Setting{{0.9995, 10000, 2, 8}}},
			{8, 8, []Setting{always(1, 0.995, 1000)}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(512, 0.05), decaying(64, 0.06), decaying(16, 0.03)}},
			{1, []Stage{flat(2048, 0.004), flat(256, 0.004), flat(32, 0.004), flat(16, 0.004)}},
			{1, []Stage{flat(256, 0.008), flat(64, 0.03), flat(32, 0.03), flat(16, 0.03)}},
			{1, []Stage{flat(1024, 0.001), flat(256, 0.01), flat(16, 0.01)}},
		},
		Robust:       []Robust{{1, decaying(256, 0.03)}, {1, flat(1024, 0.004)}, {0, flat(16, 0.01)}},
		Cross:        []Cross{{decaying(32, 0.02)}, {decaying(32, 0.005)}, {decaying(256, 0.02)}, {flat(1024, 0.002)}},
		Mixers:       []Setting{always(1, 0.997, 5), always(1, 0.9995, 5), always(1, 0.985, 5)},
		MixedSamples: 2,
		Blend:        &Setting{0.992, 5, 1, 1},
		Surprise:     0.3,
	}

	// Blockwise is for the default preset, too: Blended in blocks. A smaller robust filter and fewer solves make it quicker
	// still.
	Blockwise = Ensemble{
		LeastSquares: []LeastSquares{
			{16, 16, []Setting{{0.998, 3000, 1, 32}}},
			{24, 8, []Setting{{0.9997, 10000, 1, 32}}},
			{8, 8, []Setting{{0.98, 1000, 1, 16}}},
		},
		Cascades: []Cascade{
			{0, []Stage{decaying(512, 0.05), decaying(64, 0.06), decaying(16, 0.03)}},
			{1, []Stage{flat(2048, 0.004), flat(256, 0.004), flat(32, 0.004), flat(16, 0.004)}},
			{1, []Stage{flat(256, 0.008), flat(64, 0.03), flat(32, 0.03), flat(16, 0.03)}},
		},
		Robust:       []Robust{{1, decaying(128, 0.03)}},
		Cross:        []Cross{{decaying(32, 0.02)}, {decaying(32, 0.005)}},
		Mixers:       []Setting{{0.997, 5, 1, 16}, {0.9995, 5, 1, 16}, {0.985, 5, 1, 16}},
		Unmixed:      []int{8, 11, 12},
		MixedSamples: 2,
		Blend:        &Setting{0.992, 5, 1, 1},
		Surprise:     0.3,
		Blocks:       true,
	}

	// Patient is for the default preset, too: Blockwise, but its mixers are solved less often.
	Patient = Blockwise.mixersSolvedEvery(32)

	// Fast is for those who cannot wait.
	Fast = Ensemble{
		LeastSquares: []LeastSquares{{12, 4, []Setting{{0.998, 3000, 1, 32}}}},
		Cascades:     []Cascade{{0, []Stage{decaying(256, 0.03), flat(16, 0.008)}}},
		Mixers:       []Setting{{0.998, 5, 1, 8}},
	}

	// Quick is for the fast preset, too: newer and quicker than Fast.
	Quick = Ensemble{
		LeastSquares: []LeastSquares{{12, 4, []Setting{{0.998, 3000, 1, 32}}}},
		Cascades:     []Cascade{{0, []Stage{decaying(256, 0.03)}}},
		Surprise:     0.3,
	}

	// Quickest is for the fast preset, too: Quick in blocks.
	Quickest = Quick.inBlocks()
)

func (e Ensemble) inBlocks() Ensemble {
	e.Blocks = true
	return e
}

// mixersSolvedEvery is for an ensemble whose mixers are at last solved after so many samples.
func (e Ensemble) mixersSolvedEvery(last int) Ensemble {
	e.Mixers = slices.Clone(e.Mixers)
	for i := range e.Mixers {
		e.Mixers[i].Last = last
	}
	return e
}

func always(interval int, forget, ridge float64) Setting {
	return Setting{forget, ridge, interval, interval}
}

func decaying(taps int, step float32) Stage { return Stage{taps, step, true} }

func flat(taps int, step float32) Stage { return Stage{taps, step, false} }
