package flac

import (
	"bytes"
	"fmt"
)

// Frames returns frames that hold samples, indexed [channel][frame], as they stand
// in the middle of a stream of the given format, behind so many samples of each
// channel. block is how many samples the frames of the stream have, all but the
// last, or 0 if they have different numbers of them. The error is that of
// [Encoder.Write], or wraps [ErrUnsupported].
func Frames(format Format, samples [][]int32, before int64, block int) ([]byte, error) {
	if err := format.Check(); err != nil {
		return nil, err
	}
	length, err := commonLength(samples)
	if err != nil {
		return nil, err
	}
	// A frame has its number, or that of its first sample (RFC 9639, section 9.1.5).
	variable := block <= 0 || before%int64(block) != 0
	if variable {
		block = BlockSize
	}
	a := analyzers.Get().(*analyzer)
	defer analyzers.Put(a)
	var out bytes.Buffer
	for start := 0; start < length; start += block {
		f, err := a.analyze(format, samples, start, min(start+block, length), 0)
		if err != nil {
			return nil, err
		}
		if f.number = before + int64(start); !variable {
			f.number /= int64(block)
		}
		f.variable = variable
		err = f.write(&out)
		f.variable = false // other streams than these have none such
		if err != nil {
			return nil, fmt.Errorf("coding the FLAC frame at sample %d: %w", before+int64(start), err)
		}
	}
	return out.Bytes(), nil
}
