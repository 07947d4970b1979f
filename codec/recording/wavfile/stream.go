package wavfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/recording"
)

// Stream writes the same files as Encoder to what cannot go back, because it
// knows how many frames there will be.
type Stream struct {
	w      io.Writer
	format recording.Format // of PCM
	info   []byte
	left   int64 // bytes of audio to come
	pad    []byte
}

// NewStream writes what stands before the audio: so many frames whose PCM is that
// of f. For the rest see NewEncoder.
func NewStream(w io.Writer, f recording.Format, frames int64, speakers uint32, tags []recording.Tag) (*Stream, error) {
	if err := Check(f, frames); err != nil {
		return nil, err
	}
	s := &Stream{w: w, format: f.PCM(), info: infoChunk(tags)}
	if len(s.info) > maxInfo {
		return nil, fmt.Errorf("its texts take %d bytes, more than the %d that a WAV file gets", len(s.info), maxInfo)
	}
	s.left = frames * int64(s.format.FrameBytes())
	s.pad = make([]byte, s.left%2)
	head := append(header(s.format, speakers), "data"...)
	head = binary.LittleEndian.AppendUint32(head, uint32(s.left))
	const riff = 8 // bytes that the size of the file does not count
	size := int64(len(head)-riff) + s.left + int64(len(s.pad)+len(s.info))
	binary.LittleEndian.PutUint32(head[4:], uint32(size))
	_, err := w.Write(head)
	return s, err
}

// Write adds whole frames of audio, as Format.PCM has them.
func (s *Stream) Write(raw []byte) error {
	if s.left -= int64(len(raw)); s.left < 0 {
		return errors.New("there is more audio than the head of the WAV file says")
	}
	if s.format.Width == 1 { // these are unsigned in WAV files
		signed := raw
		raw = make([]byte, len(signed))
		for i, v := range signed {
			raw[i] = v ^ 0x80
		}
	}
	_, err := s.w.Write(raw)
	return err
}

// Close writes what stands behind the audio, of which all must have come.
func (s *Stream) Close() error {
	if s.left > 0 {
		return fmt.Errorf("%d bytes of audio are missing that the head of the WAV file says", s.left)
	}
	_, err := s.w.Write(append(s.pad, s.info...))
	return err
}
