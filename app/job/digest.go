package job

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"trilobyte/app/archive"
)

// digest takes the checksums of a file as its bytes go by.
type digest struct {
	size  int64
	crc32 uint32
	sha   hash.Hash
	md5   hash.Hash // of the samples
}

func newDigest() *digest { return &digest{sha: sha256.New(), md5: md5.New()} }

// Write implements io.Writer; it never fails.
func (d *digest) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	d.crc32 = crc32.Update(d.crc32, crc32.IEEETable, p)
	d.sha.Write(p)
	return len(p), nil
}

// writePart takes a part of a recording, and its audio as recording.Format.PCM has
// it, if it is audio.
func (d *digest) writePart(raw, pcm []byte) {
	d.Write(raw)
	d.md5.Write(pcm)
}

func (d *digest) sum() [sha256.Size]byte { return [sha256.Size]byte(d.sha.Sum(nil)) }

// fill puts the checksums into the description of a file.
func (d *digest) fill(f *archive.File) {
	f.CRC32 = archive.ZIPSum(f.Kind, d.crc32, d.sum())
	f.SHA256 = hex.EncodeToString(d.sha.Sum(nil))
	if f.Kind == archive.KindRecording {
		f.PCMMD5 = hex.EncodeToString(d.md5.Sum(nil))
	}
}

// copyPausing is io.Copy that waits at a gate, and ends when the context does.
func copyPausing(ctx context.Context, gate *Gate, w io.Writer, r io.Reader) (int64, error) {
	buffer := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buffer)
	return io.CopyBuffer(w, readerFunc(func(p []byte) (int, error) {
		if err := gate.Wait(ctx); err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	}), buffer[:])
}

// buffers are of copyPausing: most files are smaller than one.
var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
