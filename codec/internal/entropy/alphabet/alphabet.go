// Package alphabet finds which values the samples of a channel can take, so that the coder spends probability on
// no others. Recordings that were amplified or normalised in software, or padded to a wider word, leave most
// values unused.
//
// A sample is mapped to an index in two steps. A Lattice maps evenly spaced values (a constant gap such as wasted
// low bits, or the multiples of a gain, rounded) to consecutive integers, the steps: the predictors work in
// steps. A Set then lists which steps occur; where most of them do not, the coder codes the rank in that list.
package alphabet
