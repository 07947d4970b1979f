package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/recording"
)

// copies finds files with the same content as one that comes before them in the
// archive.
type copies struct {
	disk  disk.FS
	gate  *Gate
	seen  map[glance][]item // as they were when they were opened, in their order
	empty links             // empty files
}

func newCopies(d disk.FS, g *Gate) *copies {
	return &copies{disk: d, gate: g, seen: map[glance][]item{}, empty: links{}}
}

// glance is what can be seen quickly of a file, and is the same of copies.
type glance struct {
	size int64
	sum  uint32 // of its first bytes, some in the middle, and its last ones
}

// mostCompared is with how many files that look the same a file is compared.
const mostCompared = 16

// glanceSize is how many bytes are looked at, at three places.
const glanceSize = 4 << 10

func glanceAt(file io.ReaderAt, size int64) (glance, error) {
	g := glance{size: size}
	b := make([]byte, min(glanceSize, size))
	for _, offset := range []int64{0, (size - int64(len(b))) / 2, size - int64(len(b))} {
		if n, err := file.ReadAt(b, offset); n < len(b) {
			return g, shorter(err)
		}
		g.sum = crc32.Update(g.sum, crc32.IEEETable, b)
	}
	return g, nil
}

// shorter is why a file could not be read up to the size that it had.
func shorter(err error) error {
	if err == nil || err == io.EOF {
		return ErrChanged
	}
	return err
}

// sameness says which file before a source has the same content.
type sameness struct {
	name string            // of that file, in the archive
	link bool              // it is the same file on the disk
	sum  [sha256.Size]byte // of the source, if it was compared
	// compared says that it was: of the same file that need not be, unless what it
	// was before is taken over.
	compared bool
}

// find returns what has the same content as s, or nil, and remembers s. The error
// is one of reading s, or the context's.
func (c *copies) find(ctx context.Context, s *source) (*sameness, error) {
	if s.info.Size() == 0 {
		c.findEmpty(s)
		return nil, nil
	}
	g, err := glanceAt(s.file, s.info.Size())
	if err != nil {
		return nil, err
	}
	before := c.seen[g]
	opened := s.item
	opened.info = s.info
	c.seen[g] = append(before, opened)
	linked := func(it item) bool {
		return os.SameFile(it.info, s.info) && it.info.ModTime().Equal(s.info.ModTime())
	}
	if i := slices.IndexFunc(before, linked); i >= 0 {
		if !before[i].take {
			return &sameness{name: before[i].name, link: true}, nil
		}
		before = before[i : i+1]
	}
	for _, it := range before[max(len(before)-mostCompared, 0):] {
		sum, err := c.compare(ctx, s, it)
		if err != nil {
			return nil, err
		}
		if it.take && hex.EncodeToString(sum) != it.content().SHA256 {
			continue // what is taken over is what the file was, not what it is now
		}
		if sum != nil {
			return &sameness{name: it.name, link: linked(it), sum: [sha256.Size]byte(sum), compared: true}, nil
		}
	}
	return nil, nil
}

// findEmpty finds which file before an empty one is the same on the disk. It has no
// content that it could share.
func (c *copies) findEmpty(s *source) {
	if s.linked == "" {
		s.linked = c.empty.first(s.item)
	}
}

// compare returns the SHA-256 of s if all of its bytes are those of a file before,
// otherwise nil.
func (c *copies) compare(ctx context.Context, s *source, before item) ([]byte, error) {
	file, err := c.disk.Open(before.path)
	if err != nil {
		return nil, nil
	}
	defer file.Close() // was only read from
	if now, err := file.Stat(); err != nil || !unchanged(now, before.info) {
		return nil, nil
	}
	s.progress.started()
	h := sha256.New()
	a, b := make([]byte, 256<<10), make([]byte, 256<<10)
	for offset, size := int64(0), s.info.Size(); offset < size; offset += int64(len(a)) {
		if err := c.gate.Wait(ctx); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := int(min(int64(len(a)), size-offset))
		a, b = a[:n], b[:n]
		if n, err := s.file.ReadAt(a, offset); n < len(a) {
			return nil, shorter(err)
		}
		if n, _ := file.ReadAt(b, offset); n < len(b) || !bytes.Equal(a, b) {
			return nil, nil
		}
		h.Write(a)
	}
	return h.Sum(nil), nil
}

// copy adds the entry of a file with the same content as one before. If that one
// did not get into the archive as it was found, the file is archived on its own.
func (k *packer) copy(ctx context.Context, s *source) error {
	same := s.same
	other, ok := k.writer.File(same.name)
	if !ok && !same.link {
		other, ok = k.writer.File(k.instead[same.name])
	}
	if ok && same.compared {
		ok = hex.EncodeToString(same.sum[:]) == other.SHA256
	}
	if !ok {
		if err := k.reader.release(s); err != nil {
			return k.fail(ctx, s, s.item, err)
		}
		k.instead[same.name] = s.item.name
		return k.alone(ctx, s.item)
	}
	err := k.addCopy(ctx, s, other)
	if closing := k.reader.release(s); err == nil {
		err = closing
	}
	return k.fail(ctx, s, s.item, err)
}

func (k *packer) addCopy(ctx context.Context, s *source, other archive.File) error {
	s.progress.started()
	sum, err := hex.DecodeString(other.SHA256)
	if err != nil {
		return err
	}
	if err := s.check(ctx, k.reader.disk, [sha256.Size]byte(sum), k.reread); err != nil {
		return err
	}
	f := other
	if f.SameAs == "" {
		f.SameAs = other.Name
	}
	f.HardLink = k.linked(s.linked, f)
	if s.same.link {
		f.HardLink = other.Name
	}
	if s.found.Container != recording.FLAC { // of which found knows too little
		f.Note = noteOf(s.item.name, s.found)
	}
	s.item.describe(k.reader.disk, k.report.lacks, &f)
	if f, err = k.writer.Copy(s.item.name, f); err != nil {
		return err
	}
	s.progress.end()
	if s.item.take {
		k.taken(s.item, f)
	} else {
		k.report.done(f)
	}
	return nil
}

// alone archives a file whatever others there are.
func (k *packer) alone(ctx context.Context, it item) error {
	it.take = false
	s, err := k.reader.openSource(ctx, it, true)
	if err != nil {
		return k.fail(ctx, nil, it, err)
	}
	for i := range s.parts {
		if err := k.consume(ctx, s.part(ctx, i)); err != nil {
			return err
		}
	}
	return nil
}
