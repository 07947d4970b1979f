package jobtest

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// Halting is a coder that remembers what it encodes, so that nothing is smaller. It
// hands out the first frames of a segment, and then stands still until it may go on.
type Halting struct {
	Coder
	Frames int                     // that are handed out, of longer segments
	GoOn   chan struct{}           // closed when it may
	Spoil  func(samples [][]int32) // may change the samples in the end, if it is not nil

	mu   sync.Mutex
	kept [][][]int32
}

var _ stream.Gradual = (*Halting)(nil)

// HaltingArchive makes an archive of a.wav, a recording of one segment, in a temporary
// folder, with a Halting coder of that model, which hands out the first frames and
// goes on when goOn is closed. In the end they are other samples if wrong is set.
func HaltingArchive(t testing.TB, model string, first int, wrong bool) (codec job.Codec, archive string, file []byte, goOn chan struct{}) {
	t.Helper()
	codec, goOn = Codec(model), make(chan struct{})
	codec.Coder = &Halting{Coder: NewCoder(model), Frames: first, GoOn: goOn, Spoil: func(samples [][]int32) {
		if wrong {
			samples[0][len(samples[0])-1] ^= 1
		}
	}}
	file = WAV(8000, 16, 1, 270_000, 1)
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	archive = path + ".trilobyte"
	engine := job.Engine{Codec: codec}
	if _, err := engine.Compress(t.Context(), job.CompressOptions{Paths: []string{path}, Archive: archive}); err != nil {
		t.Fatal(err)
	}
	return codec, archive, file, goOn
}

// Encode implements stream.SegmentCoder.
func (h *Halting) Encode(_ context.Context, samples [][]int32, _ int, _ func(samples int)) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = append(h.kept, clone(samples))
	return binary.AppendUvarint(nil, uint64(len(h.kept)-1)), nil
}

// Decode implements stream.SegmentCoder.
func (h *Halting) Decode(_ context.Context, data []byte, _, _, _ int, _ func(samples int)) ([][]int32, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	number, _ := binary.Uvarint(data)
	return clone(h.kept[number]), nil
}

// DecodeGradually implements stream.Gradual.
func (h *Halting) DecodeGradually(
	ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int), ready func(samples [][]int32),
) ([][]int32, error) {
	samples, err := h.Decode(ctx, data, channels, frames, bits, progress)
	if err != nil {
		return nil, err
	}
	if h.Frames < frames {
		first := make([][]int32, channels)
		for c := range first {
			first[c] = samples[c][:h.Frames:h.Frames]
		}
		ready(first)
	}
	select {
	case <-h.GoOn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if h.Spoil != nil {
		h.Spoil(samples)
	}
	return samples, nil
}

func clone(samples [][]int32) [][]int32 {
	all := make([][]int32, len(samples))
	for c := range samples {
		all[c] = append(all[c], samples[c]...)
	}
	return all
}
