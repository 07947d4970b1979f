package feature

import "trilobyte/codec/expert"

// Versions are all that archives may have been made with, by the names that models use. None is ever changed or removed.
var Versions = map[string]*Version{
	"1":      &first,
	"2":      &second,
	"2-max":  &secondMax,
	"2-fast": &secondFast,
	"3":      second.withWholeTokens(),
	"3-max":  secondMax.withWholeTokens(),
	"3-fast": secondFast.withWholeTokens(),
	"4":      &fourth,
	"4-max":  &fourthMax,
	"4-fast": &fourthFast,
	"5":      fourth.with(&expert.Blockwise),
	"5-fast": fourthFast.with(&expert.Quickest),
	"6":      fourth.with(&expert.Patient).inPairs(),
	"6-fast": fourthFast.with(&expert.Quickest).inPairs(),
}

func (v Version) withWholeTokens() *Version {
	v.Whole = true
	return &v
}

// with is for an ensemble whose predictions are the same ones.
func (v Version) with(e *expert.Ensemble) *Version {
	v.Ensemble = e
	return &v
}

// inPairs is for whole tokens two at a time.
func (v *Version) inPairs() *Version {
	v.Pairs = true
	return v
}

var (
	first = Version{
		Ensemble:  &expert.First,
		Reference: 15,
		Shown:     []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16},
		Fast:      16,
	}
	second = Version{
		Ensemble:  &expert.Default,
		Reference: 18,
		Shown:     []int{0, 1, 2, 3, 4, 6, 7, 8, 10, 11, 13, 14, 15, 16, 17, 19},
		Fast:      19,
	}
	secondMax = Version{
		Ensemble:  &expert.Max,
		Reference: 29,
		Shown:     []int{0, 3, 4, 6, 7, 10, 11, 14, 15, 17, 20, 21, 24, 26, 28, 30},
		Fast:      30,
	}
	secondFast = Version{
		Ensemble:  &expert.Fast,
		Reference: 3,
		Shown:     []int{0, 1, 2},
		Fast:      3,

		Uncorrected: true,
	}
	fourth = Version{
		Ensemble:  &expert.Blended,
		Reference: 20,
		Shown:     []int{0, 1, 2, 3, 4, 5, 17, 7, 9, 10, 13, 14, 15, 16, 18, 19},
		Fast:      19,

		Whole: true,
	}
	fourthMax = Version{
		Ensemble:  &expert.BlendedMax,
		Reference: 29,
		Shown:     []int{0, 1, 2, 5, 6, 7, 26, 9, 11, 12, 15, 19, 22, 23, 27, 28},
		Fast:      28,

		Whole: true,
	}
	fourthFast = Version{
		Ensemble:  &expert.Quick,
		Reference: 1,
		Shown:     []int{0},
		Fast:      0,

		Uncorrected: true,
		Whole:       true,
	}
)
