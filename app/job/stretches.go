package job

import (
	"context"
	"errors"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/duplicate"
	"trilobyte/codec/stream"
)

// sounds finds recordings whose samples are a stretch of others that come before
// them in the archive, or come again within themselves.
type sounds struct {
	disk  disk.FS
	gate  *Gate
	index *duplicate.Index
	known []known // the number of each as a stream.Reference has it is one more than here
}

// known is a recording that the index knows, by its number.
type known struct {
	item  item // as it was when it was opened
	sound stream.Sound
}

func newSounds(d disk.FS, g *Gate) *sounds {
	return &sounds{disk: d, gate: g, index: duplicate.New()}
}

// heard is a recording, open, that was known before.
type heard struct {
	*stream.SoundReader
	file disk.File
}

// open opens a recording that is known, if it is still the same.
func (x *sounds) open(ctx context.Context, k known) (*heard, error) {
	file, err := x.disk.Open(k.item.path)
	if err != nil {
		return nil, err
	}
	if now, err := file.Stat(); err != nil || !unchanged(now, k.item.info) {
		return nil, errors.Join(ErrChanged, file.Close())
	}
	return &heard{k.sound.Open(x.gate.reading(ctx, file)), file}, nil
}

// readSoon is how many bytes are read so soon that nobody asks what happens meanwhile.
const readSoon = 64 << 20

// look finds the stretches of a source that recordings before it have, or itself, and
// knows it from then on. p has its samples, or is nil: then they are read. The error is
// one of reading s, or the context's.
func (x *sounds) look(ctx context.Context, s *source, sound stream.Sound, p *duplicate.Printer) (err error) {
	k := known{s.item, sound}
	k.item.info = s.info
	r := sound.Open(s.gate.reading(ctx, s.file))
	if p == nil {
		if s.info.Size() > readSoon {
			s.progress.started()
		}
		if p, err = duplicate.Print(ctx, r); err != nil {
			return err
		}
	}
	// The frames of a FLAC file are rebuilt from all samples or from none.
	whole := s.encoder != nil
	s.stretches, err = x.find(ctx, k, r, p, whole)
	s.sources = map[int64]string{}
	for _, stretch := range s.stretches {
		if stretch.Source != stream.Itself {
			s.sources[stretch.Source] = x.known[stretch.Source-1].item.name
		}
	}
	return err
}

// find returns the stretches of a recording that those before it have, and knows it
// from then on. If whole is set, only a stretch of all of it counts.
func (x *sounds) find(ctx context.Context, k known, r duplicate.Recording, p *duplicate.Printer, whole bool) ([]stream.Stretch, error) {
	opened := map[int]*heard{}
	defer func() {
		for _, h := range opened {
			h.file.Close() // was only read from
		}
	}()
	own := len(x.known)
	found, err := x.index.Find(ctx, r, p, whole, func(n int) (duplicate.Recording, error) {
		other := k
		if n != own {
			other = x.known[n]
		}
		h, err := x.open(ctx, other)
		if err == nil {
			opened[n] = h
		}
		return h, err
	})
	if err != nil {
		return nil, err
	}
	x.known = append(x.known, k)
	var stretches []stream.Stretch
	for _, f := range found {
		source := int64(f.Recording) + 1
		if f.Recording == own {
			source = stream.Itself
		}
		if now, err := opened[f.Recording].file.Stat(); err != nil || !unchanged(now, x.known[f.Recording].item.info) {
			return nil, nil
		}
		stretches = append(stretches, stream.Stretch{Start: f.Start, Frames: f.Frames, Reference: stream.Reference{
			Source: source, First: f.First, Shift: f.Shift, Channels: f.Channels, Negated: f.Negated,
		}})
	}
	return stretches, nil
}

// errSourceLost says that a recording which others refer to did not get into the
// archive.
var errSourceLost = errors.New("the recording with the same samples is not in the archive")

// begin returns the first bytes of the stream of a source, in the next entry of an
// archive.
func (s *source) begin(w *archive.Writer) ([]byte, error) {
	return s.encoder.BeginFor(func(n int64) (int64, uint32, error) {
		back, ok := w.Back(s.sources[n])
		if !ok {
			return 0, 0, errSourceLost
		}
		f, _ := w.File(s.sources[n])
		return back, f.CRC32, nil
	})
}

// refersTo returns the names of the entries that have samples of a source.
func (s *source) refersTo() []string {
	var names []string
	for _, n := range s.encoder.Header().Sources() {
		names = append(names, s.sources[n])
	}
	return names
}
