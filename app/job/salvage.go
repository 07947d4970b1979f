package job

import (
	"encoding/binary"
	"fmt"
	"path"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/codec/stream"
)

// salvager is a target that can keep what is left of a damaged file.
type salvager interface {
	// salvage completes the file that has begun under another name, which it
	// returns.
	salvage(e *archive.Entry) (as string, err error)
}

// salvage implements salvager.
func (f *folder) salvage(e *archive.Entry) (string, error) {
	marked := *e
	extension := path.Ext(e.Name)
	marked.Name = strings.TrimSuffix(e.Name, extension) + " (damaged)" + extension
	if e.Kind == archive.KindFolder || e.Kind == archive.KindLink {
		return "", fmt.Errorf("the %s is damaged, and nothing of it can be saved", e.Kind)
	}
	return marked.Name, f.commit(&marked)
}

// span says in words which part of the audio segment i is.
func (t *task) span(i int) string {
	h := t.decoder.Header()
	first := int64(i) * int64(h.SegmentFrames)
	last := min(first+int64(h.SegmentFrames), h.Frames)
	return fmt.Sprintf("the audio from %s to %s (frames %d to %d)", clock(first, h), clock(last, h), first, last-1)
}

// clock is the time of a frame.
func clock(frame int64, h stream.Header) string {
	rate := int64(h.Format.SampleRate)
	seconds, rest := frame/rate, frame%rate
	const perMinute, perHour = 60, 3600
	return fmt.Sprintf("%d:%02d:%02d.%03d", seconds/perHour, seconds%perHour/perMinute, seconds%perMinute, rest*1000/rate)
}

// standIn is a head for a WAV file that has lost its own, of the same size: a
// RIFF header, the format, a JUNK chunk as far as there is room, and the header
// of the data chunk. If there is not even room for that, it is zeros.
func standIn(h stream.Header) []byte {
	const riff, format, chunk = 12, 24, 8
	head := make([]byte, h.HeadSize)
	room := len(head) - riff - format - chunk
	if room != 0 && room < chunk {
		return head
	}
	const sizeMax = 1<<32 - 1
	le := binary.LittleEndian
	audio := h.Frames * int64(h.Format.FrameBytes())
	copy(head, "RIFF....WAVEfmt ")
	le.PutUint32(head[4:], uint32(min(h.Size()-chunk, sizeMax)))
	le.PutUint32(head[16:], format-chunk)
	le.PutUint16(head[20:], 1) // PCM
	le.PutUint16(head[22:], uint16(h.Format.Channels))
	le.PutUint32(head[24:], h.Format.SampleRate)
	le.PutUint32(head[28:], uint32(min(int64(h.Format.SampleRate)*int64(h.Format.FrameBytes()), sizeMax)))
	le.PutUint16(head[32:], uint16(h.Format.FrameBytes()))
	le.PutUint16(head[34:], uint16(h.Format.ContainerBits))
	if room > 0 {
		copy(head[riff+format:], "JUNK")
		le.PutUint32(head[riff+format+4:], uint32(room-chunk))
	}
	data := head[len(head)-chunk:]
	copy(data, "data")
	le.PutUint32(data[4:], uint32(min(audio, sizeMax)))
	return head
}
