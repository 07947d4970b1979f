package recipe

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
)

// streamWithoutFrames returns a FLAC stream up to its first frame.
func streamWithoutFrames(format flac.Format, samples int64) []byte {
	b := append([]byte(marker), 0x80, 0, 0, streamInfoSize)
	b = append(b, make([]byte, streamInfoSize)...)
	v := uint64(format.SampleRate)<<44 | uint64(format.Channels-1)<<41 | uint64(format.Bits-1)<<36 | uint64(samples)
	binary.BigEndian.PutUint64(b[8+10:], v)
	return b
}

// Files of any frames that FLAC allows come back, however unlikely their
// encoder: any predictors, partitions, escape codes, wasted bits, numbers,
// codes of headers.
func TestAnyFramesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		format := flac.Format{
			Channels:   rapid.IntRange(1, maxChannels).Draw(t, "channels"),
			Bits:       rapid.IntRange(4, 32).Draw(t, "bits"),
			SampleRate: rapid.Uint32Range(1, 1<<20-1).Draw(t, "rate"),
		}
		samples := make([][]int32, format.Channels)
		w := writer{out: new(bytes.Buffer)}
		for range rapid.IntRange(1, 8).Draw(t, "frames") {
			drawFrame(t, format, samples, w)
		}
		data := append(streamWithoutFrames(format, int64(len(samples[0]))), w.out.Bytes()...)
		length := rapid.IntRange(1, 300).Draw(t, "length")
		file, err := Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), length, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range file.Parts {
			raw := data[part.Offset:][:part.Size]
			decoded, err := Decode(format, raw, part.Samples)
			if err != nil {
				t.Fatal(err)
			}
			for c := range samples {
				if !slices.Equal(decoded[c], samples[c][part.FirstSample:][:part.Samples]) {
					t.Fatalf("channel %d is %v, want %v", c, decoded[c], samples[c])
				}
			}
			rebuilt, err := Rebuild(nil, format, part.FirstSample, decoded, part.Recipe)
			if err != nil || !bytes.Equal(rebuilt, raw) {
				t.Fatalf("a part does not come back: %v", err)
			}
		}
		if file.Samples != int64(len(samples[0])) || file.TailOffset != int64(len(data)) {
			t.Fatalf("%d samples, tail at %d", file.Samples, file.TailOffset)
		}
	})
}

// TestSamplesOutsideTheirRange has a frame, complete and with the right checksums, of which one channel has samples that do not fit. It is
// no audio: what comes before it is.
func TestSamplesOutsideTheirRange(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 8000}
	const length = 100
	first := [][]int32{make([]int32, length), make([]int32, length)}
	for _, test := range []struct {
		assignment int
		signals    [2]int64
	}{
		{assignmentLeftSide, [2]int64{-32768, 1}},
		{assignmentSideRight, [2]int64{1, 32767}},
		{assignmentMidSide, [2]int64{32767, 9}},
		{assignmentMidSide, [2]int64{-32768, -9}},
	} {
		w := writer{out: new(bytes.Buffer)}
		for i, assignment := range []int{1, test.assignment} {
			f := frame{length: length, sizeCode: 6, number: uint64(i), assignment: assignment}
			signals := [][]int64{make([]int64, length), make([]int64, length)}
			if i > 0 {
				signals[0][7], signals[1][7] = test.signals[0], test.signals[1]
			}
			for k := range signals {
				f.subframes[k].kind = verbatimSubframe
			}
			if err := w.write(format, &f, signals, [][]int64{nil, nil}); err != nil {
				t.Fatal(err)
			}
		}
		for _, stated := range []int64{length, 2 * length} {
			head := streamWithoutFrames(format, stated)
			sum := md5.Sum(flac.AppendRaw(nil, first, 16))
			copy(head[len(head)-md5.Size:], sum[:])
			data := append(head, w.out.Bytes()...)
			for name, analyse := range map[string]func(heard func([][]int32)) (*File, error){
				"Analyse": func(heard func([][]int32)) (*File, error) {
					return Analyse(t.Context(), bytes.NewReader(data), int64(len(data)), 1<<20, 1, nil, heard)
				},
				"Look": func(heard func([][]int32)) (*File, error) {
					return Look(t.Context(), bytes.NewReader(data), int64(len(data)), 1<<20, 1, heard)
				},
			} {
				heard := 0
				file, err := analyse(func(samples [][]int32) {
					if heard += len(samples[0]); len(samples[1]) != len(samples[0]) {
						t.Errorf("%s: %d and %d samples are heard", name, len(samples[0]), len(samples[1]))
					}
				})
				switch {
				case heard != length:
					t.Errorf("%s: %d samples are heard", name, heard)
				case stated > length:
					if problem, ok := errors.AsType[*Problem](err); !ok || problem.Reason != errRange.Error() {
						t.Errorf("%s: error %v", name, err)
					}
				case err != nil || file.Samples != length || file.WrongMD5:
					t.Errorf("%s: %+v, error %v", name, file, err)
				}
			}
		}
	}
}

// TestAbsurdlyLongFrames has a frame of which no end is found, though the file goes on.
func TestAbsurdlyLongFrames(t *testing.T) {
	format := flac.Format{Channels: 1, Bits: 8, SampleRate: 8000}
	data := append(streamWithoutFrames(format, 4096), appendHeader(nil, &frame{length: 4096, sizeCode: 12})...)
	data = append(data, 8<<1, 0, 0, 0) // a fixed predictor of order 0, one partition, the parameter 0, and nothing but zeros
	data = append(data, make([]byte, 2*maxFrameSize(format))...)
	_, err := Analyse(t.Context(), bytes.NewReader(data), int64(len(data)), 1<<20, 1, nil)
	if problem, ok := errors.AsType[*Problem](err); !ok || problem.Reason != errLong.Error() {
		t.Errorf("error %v", err)
	}
}

// drawFrame draws a frame and its samples, appends these, and writes it.
func drawFrame(t *rapid.T, format flac.Format, samples [][]int32, w writer) {
	f := frame{
		variable: rapid.Bool().Draw(t, "variable"),
		rateCode: rapid.IntRange(0, 14).Draw(t, "rate code"),
		number:   rapid.Uint64Range(0, maxNumber).Draw(t, "number"),
	}
	f.rateValue = rapid.IntRange(0, 1<<(8*rateBytes(f.rateCode))-1).Draw(t, "rate value")
	f.assignment = format.Channels - 1
	if format.Channels == 2 {
		assignments := []int{1, assignmentLeftSide, assignmentSideRight, assignmentMidSide}
		f.assignment = rapid.SampledFrom(assignments).Draw(t, "assignment")
	}
	if code := slices.Index(bitsOfCode[:], format.Bits); code > 0 && rapid.Bool().Draw(t, "bits of its own") {
		f.bitsCode = code
	}
	f.sizeCode = rapid.SampledFrom([]int{1, 6, 6, 6, 7, 7, 8}).Draw(t, "size code")
	f.length, _ = sizeOfCode(f.sizeCode)
	if f.length == 0 {
		f.length = rapid.IntRange(1, 256).Draw(t, "size")
	}
	start := len(samples[0])
	zeros := rapid.IntRange(0, format.Bits-1).Draw(t, "zero bits")
	limit := int32(1<<(format.Bits-1) - 1)
	value := rapid.OneOf(rapid.Int32Range(-limit-1, limit), rapid.SampledFrom([]int32{0, limit, -limit - 1}))
	for c := range samples {
		pattern := rapid.SliceOfN(value, 1, 20).Draw(t, "pattern")
		for i := range f.length {
			samples[c] = append(samples[c], pattern[i%len(pattern)]>>zeros<<zeros)
		}
	}
	signals, residuals := make([][]int64, format.Channels), make([][]int64, format.Channels)
	for i := range signals {
		signals[i], residuals[i] = make([]int64, f.length), make([]int64, f.length)
		signal(signals[i], samples, start, f.assignment, i)
		drawSubframe(t, &f.subframes[i], signals[i], residuals[i], signalBits(format, f.assignment, i))
	}
	if err := w.write(format, &f, signals, residuals); err != nil {
		t.Fatal(err)
	}
}

// drawSubframe draws how signal x is stored, takes its wasted bits from it, and
// computes its residual.
func drawSubframe(t *rapid.T, s *subframe, x, out []int64, width int) {
	used, constant := int64(0), true
	for _, v := range x {
		used |= v
		constant = constant && v == x[0]
	}
	for s.wasted < width-1 && used>>s.wasted&1 == 0 && rapid.IntRange(0, 9).Draw(t, "waste") > 0 {
		s.wasted++
	}
	for i := range x {
		x[i] >>= s.wasted
	}
	s.kind = kind(rapid.IntRange(int(verbatimSubframe), int(linearSubframe)).Draw(t, "kind"))
	if constant && rapid.Bool().Draw(t, "constant") {
		s.kind = constantSubframe
	}
	switch s.kind {
	case fixedSubframe:
		s.setFixed(rapid.IntRange(0, min(maxFixedOrder, len(x))).Draw(t, "order"))
	case linearSubframe:
		s.order = rapid.IntRange(1, min(maxOrder, len(x))).Draw(t, "order")
		s.precision = rapid.IntRange(1, maxPrecision).Draw(t, "precision")
		s.shift = rapid.IntRange(0, maxShift).Draw(t, "shift")
		limit := int64(1) << (s.precision - 1)
		for j := range s.order {
			s.coefficients[j] = rapid.Int64Range(-limit, limit-1).Draw(t, "coefficient")
		}
	default:
		return
	}
	residual(s, x, out)
	largest := uint64(0)
	for _, v := range out[s.order:] {
		largest = max(largest, fold(v))
	}
	if largest > 1<<32-1 { // FLAC has no way to store such a residual
		*s = subframe{kind: verbatimSubframe, wasted: s.wasted}
		return
	}
	r := &s.rice
	r.parameterBits = rapid.IntRange(4, 5).Draw(t, "parameter bits")
	order := 0
	for order < 15 && divides(len(x), order+1, s.order) && rapid.Bool().Draw(t, "divide") {
		order++
	}
	r.reset(order)
	for i := range r.partitions {
		start, end := r.span(i, len(x), s.order)
		values := out[start:end]
		narrowest := signedWidth(values)
		if narrowest <= 31 && rapid.IntRange(0, 3).Draw(t, "escape") == 0 {
			r.partitions[i] = partition{true, uint8(rapid.IntRange(narrowest, 31).Draw(t, "width"))}
			continue
		}
		top := uint64(0)
		for _, v := range values {
			top = max(top, fold(v))
		}
		least := 0
		for top>>least > uint64(4*width) { // longer frames are refused as absurd
			least++
		}
		if least > r.escape()-1 {
			r.parameterBits = 5
		}
		r.partitions[i] = partition{false, uint8(rapid.IntRange(least, max(least, 14)).Draw(t, "parameter"))}
	}
}
