// Package recipe takes FLAC files (RFC 9639) apart into samples and a recipe,
// from which the same bytes are made again. A recipe says what the encoder
// chose: block sizes, stereo decorrelations, predictors, Rice parameters. It is
// a few ten-thousandths of the file, because encoders derive nearly all of that
// from the samples in ways that are known: what is coded is where the file
// differs from what the samples suggest.
//
// Three calls do everything. [Analyse] reads a file and makes the recipes of
// parts of it, each of whole frames; the samples of a part come from [Decode],
// and [Rebuild] makes its bytes of samples and recipe. What stands before the
// first frame and behind the last one (tags, pictures, cue sheets, seek tables,
// padding) is left to the caller to keep as it is.
//
//	file, err := recipe.Analyse(ctx, r, size, 30*48000, 1, nil)
//	...
//	raw := make([]byte, file.Parts[i].Size) // read from r at Parts[i].Offset
//	samples, err := recipe.Decode(file.Format, raw, part.Samples)
//	...
//	raw, err = recipe.Rebuild(nil, file.Format, part.FirstSample, samples, part.Recipe)
//
// [Look] and [DecodeSome] do the same for parts of parts, in less time.
// [DecodeBare] reads frames of this program that stand in its own format.
//
// Parts are independent of each other: they may be decoded and rebuilt in any
// order and at the same time.
//
// A recipe is made and read by the same code (type describer), so the two
// cannot differ. What it expects of an encoder comes from integers, and from
// floats under the rules that keep them the same on every machine: + - * / and
// rounding alone, every product that feeds an addition rounded by itself, and a
// fixed order of summation. FORMAT.md specifies it.
package recipe
