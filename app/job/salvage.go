package job

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// salvager is a target that can keep what is left of a damaged file.
type salvager interface {
	// salvage completes the file that has begun under another name, which it
	// returns. If it is a recording, d is its decoder.
	salvage(e *archive.Entry, d *stream.Decoder) (as string, err error)
}

// openStream opens the stream of an entry; what is left of it if it is damaged, and
// rest is set.
func openStream(e *archive.Entry, coder func(stream.ModelName) (stream.SegmentCoder, error), rest bool) (*stream.Decoder, error) {
	compressed, err := e.Compressed()
	if err != nil {
		return nil, err
	}
	d, err := stream.NewDecoder(compressed, compressed.Size(), coder)
	var damage *stream.DamageError
	if !rest || !errors.As(err, &damage) {
		return d, err
	}
	if compressed, err = e.Reach(); err != nil {
		return nil, err
	}
	return stream.Salvage(compressed, compressed.Size(), coder)
}

// salvage implements salvager.
func (f *folder) salvage(e *archive.Entry, d *stream.Decoder) (string, error) {
	as := *e
	as.Name = marked(e.Name, " (damaged)", false)
	if e.Kind == archive.KindFolder || e.Kind == archive.KindLink {
		return "", fmt.Errorf("the %s is damaged, and nothing of it can be saved", e.Kind)
	}
	var err error
	if d != nil && d.Header().FLAC() {
		err = f.forgetMD5()
	}
	if err == nil {
		err = f.commit(&as)
	}
	if errors.Is(err, ErrExists) && f.isSaved(placeOf(&as)) {
		f.abort()
		err = nil
	}
	if err != nil {
		return "", fmt.Errorf("what is left of it is not saved as %s: %w", as.Name, disk.WithoutPath(err))
	}
	return as.Name, nil
}

// isSaved says whether what has a name is what the temporary file has: an earlier run has
// saved it.
func (f *folder) isSaved(place string) bool {
	var sums [2][sha256.Size]byte
	for i, name := range []string{f.temp, place} {
		file, err := f.root.Open(name)
		if err != nil {
			return false
		}
		h := sha256.New()
		_, err = io.Copy(h, file)
		file.Close() // was only read from
		if err != nil {
			return false
		}
		sums[i] = [sha256.Size]byte(h.Sum(nil))
	}
	return sums[0] == sums[1]
}

// forgetMD5 has the FLAC file that has begun say that the MD5 of its samples is
// unknown: FLAC's own program throws away what it decodes to another one.
func (f *folder) forgetMD5() error {
	begin := make([]byte, 1<<20)
	n, err := f.file.ReadAt(begin, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if offset, ok := recipe.MD5Offset(begin[:n]); ok {
		_, err = f.file.WriteAt(make([]byte, md5.Size), offset)
		return err
	}
	return nil
}

// lossesAt says in words what is lost of a part of a recording.
func lossesAt(p stream.Place, err error) []error {
	var losses stream.Losses
	if !errors.As(err, &losses) {
		return []error{lostAt(p, err)}
	}
	var all []error
	for _, l := range losses {
		all = append(all, lostAt(p.Within(l.Start, l.Frames), l.Err))
	}
	return all
}

// lostAt says in words which part of a recording is lost.
func lostAt(p stream.Place, err error) error {
	if !p.Audio() {
		return err
	}
	return fmt.Errorf("the audio from %s to %s (frames %d to %d): %w", clock(p.Time), clock(p.Ends()), p.Start, p.Start+p.Frames-1, err)
}

// clock is a time within a recording.
func clock(t time.Duration) string {
	return fmt.Sprintf("%d:%02d:%02d.%03d", t/time.Hour, t/time.Minute%60, t/time.Second%60, t/time.Millisecond%1000)
}

// standIn returns what takes the place of part i, which is lost: silence, as far as
// no other recording has its samples, and where the file begins with something else
// than audio, that part of a head that other programs understand.
func standIn(ctx context.Context, d *stream.Decoder, i int) (stream.Part, error) {
	p, err := d.Rest(ctx, i)
	if err != nil {
		return p, err
	}
	if first := d.Header().Spans[0]; p.Offset < first.Size && !first.Audio() && len(d.Header().Spans) > 1 {
		head := headFor
		if d.Header().Spans[1].FLAC() {
			head = headForFLAC
		}
		p.Raw = head(d.Header())[p.Offset:][:p.Size]
	}
	return p, nil
}

// headFor is a head for a file that has lost its own, of the same size: that of a
// WAV file, in the byte order of the audio, with the format, a JUNK chunk as far as
// there is room, and the header of the data chunk. If there is not even room for
// that, it is zeros.
func headFor(h stream.Header) []byte {
	const riff, format, chunk = 12, 24, 8
	head := make([]byte, h.Spans[0].Size)
	room := len(head) - riff - format - chunk
	if room != 0 && room < chunk {
		return head
	}
	const sizeMax = 1<<32 - 1
	audio := h.Spans[1]
	f := audio.Format
	var order binary.ByteOrder = binary.LittleEndian
	copy(head, "RIFF....WAVEfmt ")
	if f.BigEndian {
		order = binary.BigEndian
		copy(head, "RIFX")
	}
	tag := map[recording.Kind]uint16{recording.Integer: 1, recording.Float: 3, recording.ALaw: 6, recording.MuLaw: 7}[f.Kind]
	order.PutUint32(head[4:], uint32(min(h.Size()-chunk, sizeMax)))
	order.PutUint32(head[16:], format-chunk)
	order.PutUint16(head[20:], tag)
	order.PutUint16(head[22:], uint16(f.Channels))
	order.PutUint32(head[24:], f.SampleRate)
	order.PutUint32(head[28:], uint32(min(int64(f.SampleRate)*int64(f.FrameBytes()), sizeMax)))
	order.PutUint16(head[32:], uint16(f.FrameBytes()))
	order.PutUint16(head[34:], uint16(f.ContainerBits()))
	if room > 0 {
		copy(head[riff+format:], "JUNK")
		order.PutUint32(head[riff+format+4:], uint32(room-chunk))
	}
	data := head[len(head)-chunk:]
	copy(data, "data")
	order.PutUint32(data[4:], uint32(min(audio.Size, sizeMax)))
	return head
}

// headForFLAC is a head for a FLAC file that has lost its own, of the same size:
// STREAMINFO with what is known, and PADDING (RFC 9639, sections 8.2 and 8.3). If
// there is no room even for that, it is zeros.
func headForFLAC(h stream.Header) []byte {
	const blockHeader, padding, last = 4, 1, 0x80
	const sizeMax, samplesMax = 1<<24 - 1, 1<<36 - 1
	head := make([]byte, h.Spans[0].Size)
	if len(head) < flac.HeaderSize {
		return head
	}
	copy(head, "fLaC")
	binary.BigEndian.PutUint32(head[4:], flac.HeaderSize-8)
	binary.BigEndian.PutUint16(head[8:], 16)     // the smallest block that there may be
	binary.BigEndian.PutUint16(head[10:], 65535) // the largest one
	audio := h.Spans[1]
	f, samples := audio.Format, uint64(min(audio.Frames(), samplesMax))
	binary.BigEndian.PutUint64(head[18:], uint64(f.SampleRate)<<44|uint64(f.Channels-1)<<41|uint64(f.ValidBits-1)<<36|samples)
	room := len(head) - flac.HeaderSize - blockHeader
	if room < 0 {
		head[4] = last
		return head
	}
	binary.BigEndian.PutUint32(head[flac.HeaderSize:], uint32(min(room, sizeMax)))
	head[flac.HeaderSize] = last | padding
	return head
}
