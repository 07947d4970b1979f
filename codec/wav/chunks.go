package wav

import (
	"bytes"
	"iter"
)

// Chunks yields the identifier and the body of each chunk in a file's head and
// tail (see File), in the order in which they lie there. A chunk that ends
// beyond the head or the tail, as damaged files have it, is left out, with all
// after it. The bodies must not be changed.
func (f Format) Chunks(head, tail []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if len(head) < formHeaderSize || yieldChunks(head, formHeaderSize, yield) {
			yieldChunks(tail, f.firstChunk(tail), yield)
		}
	}
}

// yieldChunks yields the chunks of b from pos on. It returns whether to go on.
func yieldChunks(b []byte, pos int64, yield func(string, []byte) bool) bool {
	p := parser{r: bytes.NewReader(b), size: int64(len(b))}
	for range maxChunks {
		if p.size-pos < chunkHeaderSize {
			return true
		}
		id, length, err := p.chunk(pos)
		body := pos + chunkHeaderSize
		if err != nil || length > p.size-body {
			return true
		}
		if !yield(id, b[body:body+length]) {
			return false
		}
		if pos, err = p.next(body + length); err != nil {
			return true
		}
	}
	return true
}

// firstChunk returns where the first chunk of a tail begins: after a partial
// frame and a pad byte, if there are any. The sizes in the head do not tell,
// where they are unknown or wrong.
func (f Format) firstChunk(tail []byte) int64 {
	p := parser{r: bytes.NewReader(tail), size: int64(len(tail))}
	for pos := range int64(f.FrameBytes() + 1) {
		if known, err := p.knownChunk(pos); err == nil && known {
			return pos
		}
	}
	return p.size
}
