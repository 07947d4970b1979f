package feature

import "trilobyte/codec/expert"

// Versions are all that archives may have been made with, by the names that models use. None is ever changed or removed.
var Versions = map[string]*Version{
	"1": &version1,
}

// version1 reads the first ensemble..
var version1 = Version{
	Ensemble:  &expert.First,
	Reference: 15,
	Shown:     []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16},
	Fast:      16,
}
