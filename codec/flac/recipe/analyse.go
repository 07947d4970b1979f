package recipe

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"trilobyte/codec/flac"
)

// A File is a FLAC file that comes back from its samples: HeadSize bytes to
// keep as they are (ID3 tags, all metadata blocks), the frames of each part in
// turn, and the bytes from TailOffset on, to be kept as well.
type File struct {
	Format     flac.Format
	Samples    int64 // of each channel
	BlockSize  int   // samples of each channel in a frame, all but the last, as STREAMINFO states them, 0 if they differ
	HeadSize   int64 // bytes before the first frame
	Parts      []Part
	TailOffset int64 // bytes up to the end of the last frame
	Size       int64 // bytes of the whole file
	// WrongMD5 says that STREAMINFO has an MD5, and it is not that of the samples (RFC
	// 9639, section 8.2).
	WrongMD5 bool
}

// A Part is a run of whole frames that is rebuilt on its own.
type Part struct {
	Offset      int64  // of its first byte in the file
	Size        int    // bytes
	FirstSample int64  // samples of each channel before it
	Samples     int    // of each channel
	Recipe      []byte // what its frames say beside their samples
}

// readAhead is how many bytes are read at once; nearly all frames are smaller.
const readAhead = 1 << 20

// Analyse reads the FLAC file of size bytes in r and makes the recipes of parts
// of at least length samples a channel: each part ends with the frame in which
// it reaches them, the last one with the file. It rebuilds every part from its
// samples and its recipe, and compares. The frames are read on the calling
// goroutine, and up to the given number of parts rebuilt at the same time on
// others, which end before it returns. What it returns does not depend on that
// number. progress, if it is not nil, is called with the bytes of each part that
// is through, from any of them; heard, if it is given, with the samples of each part
// in turn, which it may keep and must not change, on the calling goroutine.
//
// The error wraps [ErrNotFLAC] for other files, and is a [*Problem] for FLAC
// files that must be kept whole because they are damaged or do not come back;
// any other comes from r or ctx.
//
// The file is never in memory as a whole. Beside the recipes, which are a few
// thousandths of it, there is the part that is being read and those that are
// rebuilt: 4 bytes a sample and three times the part's size for each, and a few
// times the size of the largest frame.
func Analyse(ctx context.Context, r io.ReaderAt, size int64, length, workers int, progress func(bytes int), heard ...func(samples [][]int32)) (*File, error) {
	return analyse(ctx, r, size, length, everything, workers, progress, heard)
}

// lookedAt is of how many samples of a part, at least, Look makes a recipe, everything that Analyse does so of all.
const lookedAt, everything = 1 << 13, math.MaxInt

// Look is Analyse in less time, for those who do not want the recipes: it makes and tries
// those of the first frames of each part, and keeps none. So a file in which it finds
// nothing wrong may have frames that do not come back. It does not check the MD5, either.
func Look(ctx context.Context, r io.ReaderAt, size int64, length, workers int, heard ...func(samples [][]int32)) (*File, error) {
	file, err := analyse(ctx, r, size, length, lookedAt, workers, nil, heard)
	if err != nil {
		return nil, err
	}
	for i := range file.Parts {
		file.Parts[i].Recipe = nil
	}
	return file, nil
}

// analyse makes and tries recipes of the first frames of each part that have so many
// samples, or of everything; then it checks the MD5, too.
func analyse(
	ctx context.Context, r io.ReaderAt, size int64, length, tried, workers int, progress func(bytes int), heard []func(samples [][]int32),
) (*File, error) {
	h, err := readHead(r, size)
	if err != nil {
		return nil, err
	}
	s := &scanner{r: r, size: size, offset: h.size, stated: h.samples, tried: tried, parser: parser{format: h.format}}
	file := &File{Format: h.format, BlockSize: h.block, HeadSize: h.size, Size: size}
	sum := summer{format: h.format, md5: md5.New()}
	c := checker{format: h.format, progress: progress}
	c.group.SetLimit(max(workers, 1))
	for !c.failed.Load() {
		var p *content
		if p, err = s.part(ctx, file.Samples, max(length, 1)); err != nil || p.Samples == 0 {
			break
		}
		file.Samples += int64(p.Samples)
		if tried == everything {
			sum.add(p.samples)
		}
		for _, h := range heard {
			h(p.samples)
		}
		c.check(p)
	}
	if file.Parts, err = c.end(err); err != nil {
		return nil, err
	}
	file.TailOffset = s.offset
	if s.stop != nil && (file.Samples < h.samples || h.samples == 0 && !errors.Is(s.stop, errNoFrame)) {
		reason := s.stop.Error()
		if errors.Is(s.stop, errShort) {
			reason = "the file ends within a frame"
		}
		return nil, &Problem{s.offset, reason}
	}
	if file.Samples < h.samples {
		reason := fmt.Sprintf("the file ends after %d samples, but its header says %d", file.Samples, h.samples)
		return nil, &Problem{s.offset, reason}
	}
	file.WrongMD5 = tried == everything && h.md5 != [md5.Size]byte{} && h.md5 != [md5.Size]byte(sum.md5.Sum(nil))
	return file, nil
}

// A summer takes the MD5 of samples.
type summer struct {
	format flac.Format
	md5    hash.Hash
	block  [][]int32
	raw    []byte
}

func (s *summer) add(samples [][]int32) {
	for start := 0; start < len(samples[0]); start += flac.BlockSize {
		s.block = s.block[:0]
		for _, channel := range samples {
			s.block = append(s.block, channel[start:min(start+flac.BlockSize, len(channel))])
		}
		s.raw = flac.AppendRaw(s.raw[:0], s.block, s.format.Bits)
		s.md5.Write(s.raw)
	}
}

// content is a part and what is in it.
type content struct {
	Part
	raw     []byte // of what is tried
	samples [][]int32
	tried   int   // of how many samples of each channel a recipe is made
	err     error // why it does not come back
}

// A scanner goes through the frames of a file.
type scanner struct {
	r      io.ReaderAt
	size   int64
	offset int64  // of the next frame
	stated int64  // samples of each channel as STREAMINFO states them, 0 if it does not
	tried  int    // of how many samples of a part, at least, there is to be a recipe
	ahead  []byte // bytes of the file from offset on
	buffer []byte // that ahead is in
	parser parser
	stop   error // why there is no frame at offset: nil at the end of the file
	ended  bool
}

// part reads the frames of a part. At the end of the frames it returns a part of
// no samples.
func (s *scanner) part(ctx context.Context, firstSample int64, length int) (*content, error) {
	p := &content{Part: Part{Offset: s.offset, FirstSample: firstSample}, samples: make([][]int32, s.parser.format.Channels)}
	if left := s.stated - firstSample; left > 0 && s.offset < s.size {
		for c := range p.samples {
			p.samples[c] = make([]int32, 0, int64(length)+min(left-int64(length), flac.BlockSize))
		}
	}
	for !s.ended && p.Samples < length {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ok, err := s.frame(p)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if p.tried < s.tried {
			p.tried = len(p.samples[0])
		}
		p.Samples = len(p.samples[0])
	}
	return p, nil
}

// frame reads the next frame and adds it to p. It reports whether there is one.
func (s *scanner) frame(p *content) (bool, error) {
	for need := readAhead / 2; ; need *= 2 {
		if err := s.lookAhead(need); err != nil {
			return false, err
		}
		size, err := s.parser.parse(s.ahead)
		if errors.Is(err, errShort) && s.offset+int64(len(s.ahead)) < s.size {
			if len(s.ahead) < maxFrameSize(s.parser.format) {
				continue
			}
			err = errLong
		}
		if err == nil {
			err = s.parser.appendSamples(p.samples)
		}
		if err != nil {
			s.ended = true
			if len(s.ahead) > 0 {
				s.stop = err
			}
			return false, nil
		}
		if p.tried < s.tried {
			p.raw = append(p.raw, s.ahead[:size]...)
		}
		p.Size += size
		s.ahead = s.ahead[size:]
		s.offset += int64(size)
		return true, nil
	}
}

// lookAhead has at least n bytes ahead, or all that are left.
func (s *scanner) lookAhead(n int) error {
	left := s.size - s.offset
	if int64(len(s.ahead)) >= min(int64(n), left) {
		return nil
	}
	want := int(min(int64(max(n, readAhead)), left))
	have := len(s.ahead)
	if cap(s.buffer) < want {
		s.buffer = append(make([]byte, 0, want), s.ahead...)
	} else {
		copy(s.buffer[:have], s.ahead)
	}
	s.ahead = s.buffer[:want]
	if _, err := readAt(s.r, s.ahead[have:], s.offset+int64(have), s.size); err != nil {
		return err
	}
	return nil
}
