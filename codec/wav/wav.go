// Package wav reads the layout of WAV files so that every byte is accounted
// for: a head (everything before the first sample), the audio (whole frames of
// integer PCM) and a tail (everything after the last whole frame).
//
// Parse never changes or interprets anything but what it needs to find the
// audio, so head + audio + tail is always the file, byte for byte, however odd
// its chunks are. Files that hold something else than integer PCM, or that are
// broken, are reported with ErrNotPCM: such a file is to be kept whole.
//
// An Encoder writes a clean WAV file of samples, for other programs.
//
// The layouts understood are RIFF/WAVE (Microsoft and IBM, Multimedia
// Programming Interface and Data Specifications 1.0, 1991),
// WAVEFORMATEXTENSIBLE (Microsoft, Multiple Channel Audio Data and WAVE Files,
// 2001), RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088).
package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrNotPCM is wrapped by every error of Parse that means: these bytes are not
// an integer PCM WAV that can be taken apart, keep the file whole. Its text is
// followed by the reason. Other errors of Parse are failures to read.
var ErrNotPCM = errors.New("not an integer PCM WAV file")

// File is where the parts of a WAV file lie. All values are in bytes.
type File struct {
	Format     Format
	DataOffset int64 // first byte of the audio; the head is [0, DataOffset)
	DataSize   int64 // a whole number of frames, possibly 0
	Size       int64 // of the file; the tail is [DataOffset+DataSize, Size)
}

// Frames is the number of frames (one sample for every channel) of the audio.
func (f *File) Frames() int64 { return f.DataSize / int64(f.Format.FrameBytes()) }

// TailOffset is the offset in bytes of the tail, which ends at Size.
func (f *File) TailOffset() int64 { return f.DataOffset + f.DataSize }

const (
	formHeaderSize  = 12 // "RIFF", size, "WAVE"
	chunkHeaderSize = 8  // identifier, size
	unknownSize     = 0xFFFFFFFF

	// maxChunks bounds the walk to the audio: real files have a dozen chunks.
	maxChunks = 4096
)

// Parse finds the audio in the size bytes of r. It reads only the chunk
// headers, the format and the ds64 chunk, and only those up to the audio.
//
// A data chunk whose declared size is 0, 0xFFFFFFFF or more than the file has
// (as programs leave it that stream, crash or run out of space) reaches to the
// end of the file. A partial last frame, the pad byte and every later chunk,
// further data chunks included, belong to the tail.
//
// Errors wrap ErrNotPCM, with the reason, where the bytes are not integer PCM
// in a sound WAV file, and the error of r where reading failed.
func Parse(r io.ReaderAt, size int64) (*File, error) {
	p := parser{r: r, size: size}
	form, err := p.form()
	if err != nil {
		return nil, err
	}
	var (
		format     Format
		haveFormat bool
		ds64Data   = int64(-1)
	)
	pos := int64(formHeaderSize)
	for range maxChunks {
		if size-pos < chunkHeaderSize {
			return nil, notPCM("the file ends before any audio: there is no data chunk")
		}
		id, length, err := p.chunk(pos)
		if err != nil {
			return nil, err
		}
		body := pos + chunkHeaderSize
		switch {
		case id == "data" && !haveFormat:
			return nil, notPCM("the audio comes before any description of its format")
		case id == "data":
			audio, err := p.dataSize(form, body, length, ds64Data)
			if err != nil {
				return nil, err
			}
			audio -= audio % int64(format.FrameBytes())
			return &File{Format: format, DataOffset: body, DataSize: audio, Size: size}, nil
		case length > size-body:
			return nil, notPCM("chunk %q at byte %d claims %d bytes, but the file has only %d more", id, pos, length, size-body)
		case id == "fmt " && !haveFormat:
			if format, err = p.format(body, length); err != nil {
				return nil, err
			}
			haveFormat = true
		case id == "ds64" && form != "RIFF":
			if ds64Data, err = p.ds64(body, length); err != nil {
				return nil, err
			}
		}
		if pos, err = p.next(body + length); err != nil {
			return nil, err
		}
	}
	return nil, notPCM("more than %d chunks come before any audio", maxChunks)
}

// parser reads the parts of one file.
type parser struct {
	r    io.ReaderAt
	size int64
}

// read fills b from offset; the caller has checked that the file is that long.
func (p *parser) read(b []byte, offset int64) error {
	if n, err := p.r.ReadAt(b, offset); n < len(b) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("reading %d bytes at byte %d of the WAV file: %w", len(b), offset, err)
	}
	return nil
}

// form checks the first twelve bytes and returns "RIFF", "RF64" or "BW64".
func (p *parser) form() (string, error) {
	if p.size == 0 {
		return "", notPCM("the file is empty")
	}
	var b [formHeaderSize]byte
	n := min(p.size, formHeaderSize)
	if err := p.read(b[:n], 0); err != nil {
		return "", err
	}
	id := string(b[:4])
	switch id {
	case "RIFF", "RF64", "BW64":
	default:
		return "", notPCM("%s", foreign(id))
	}
	if n < formHeaderSize {
		return "", notPCM("the file ends after %d bytes, within its header", n)
	}
	if kind := string(b[8:12]); kind != "WAVE" {
		return "", notPCM("it is a RIFF file of kind %q, not WAVE", kind)
	}
	return id, nil
}

// foreign says what a file that starts with id, and is no RIFF file, may be.
func foreign(id string) string {
	switch {
	case id == "RIFX":
		return "it is a big-endian (RIFX) WAV, which is not supported"
	case id == "FORM":
		return "it is an AIFF file under the name of a WAV"
	case id == "fLaC":
		return "it is a FLAC file under the name of a WAV"
	case id == "OggS":
		return "it is an Ogg file under the name of a WAV"
	case id == "riff":
		return "it is a Wave64 file, which is not supported"
	case id[:3] == "ID3":
		return "it is an MP3 file, or begins with an ID3 tag, under the name of a WAV"
	}
	return "it does not begin with RIFF, so it is another kind of file, or damaged"
}

// chunk reads the header of the chunk at pos: its identifier and length.
func (p *parser) chunk(pos int64) (id string, length int64, err error) {
	var b [chunkHeaderSize]byte
	if err := p.read(b[:], pos); err != nil {
		return "", 0, err
	}
	return string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:])), nil
}

// ds64 returns the size of the data chunk that the ds64 chunk gives. The table
// that may follow is of no use here: it is for other chunks of 4 GiB and more.
func (p *parser) ds64(body, length int64) (int64, error) {
	const riffAndDataSize = 16
	if length < riffAndDataSize {
		return 0, notPCM("its ds64 chunk has only %d bytes", length)
	}
	var b [riffAndDataSize]byte
	if err := p.read(b[:], body); err != nil {
		return 0, err
	}
	// Sizes beyond int64 turn negative, which dataSize takes as unknown.
	return int64(binary.LittleEndian.Uint64(b[8:])), nil
}

// dataSize returns how many bytes of audio the data chunk at body really has.
func (p *parser) dataSize(form string, body, declared, ds64Data int64) (int64, error) {
	rest := p.size - body
	if declared == unknownSize {
		if form == "RIFF" || ds64Data <= 0 || ds64Data > rest {
			return p.emptyOrRest(body, form != "RIFF" && ds64Data == 0)
		}
		return ds64Data, nil
	}
	if declared == 0 || declared > rest {
		return p.emptyOrRest(body, declared == 0)
	}
	// Recorders that know no RF64 let the 32-bit size overflow.
	if over := (rest - declared) &^ (1<<32 - 1); over > 0 {
		known, err := p.knownChunk(body + declared + declared%2)
		if err != nil {
			return 0, err
		}
		if !known {
			declared += over
		}
	}
	return declared, nil
}

// emptyOrRest returns 0 if the size was declared as 0 and another chunk
// follows at once, otherwise all that is left of the file.
func (p *parser) emptyOrRest(body int64, zero bool) (int64, error) {
	if zero {
		known, err := p.knownChunk(body)
		if err != nil || known {
			return 0, err
		}
	}
	return p.size - body, nil
}

// next returns where the chunk begins that follows one which ends at end. Odd
// chunks are padded to an even length, but not every program does so.
func (p *parser) next(end int64) (int64, error) {
	if end%2 == 0 {
		return end, nil
	}
	known, err := p.knownChunk(end)
	if err != nil || known {
		return end, err
	}
	return end + 1, nil
}

// knownChunk reports whether a chunk of a usual kind begins at pos.
func (p *parser) knownChunk(pos int64) (bool, error) {
	if p.size-pos < chunkHeaderSize {
		return false, nil
	}
	id, _, err := p.chunk(pos)
	if err != nil {
		return false, err
	}
	switch id {
	case "fmt ", "data", "fact", "LIST", "bext", "iXML", "axml", "chna", "cue ", "plst", "smpl", "inst",
		"acid", "cart", "levl", "link", "id3 ", "ID3 ", "_PMX", "JUNK", "junk", "PAD ", "FLLR", "PEAK", "umid":
		return true, nil
	}
	return false, nil
}

// notPCM is an error that wraps ErrNotPCM and gives the reason.
func notPCM(reason string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotPCM, fmt.Sprintf(reason, args...))
}
