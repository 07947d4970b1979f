package job_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

// meeting is a coder that measures repeats only where two do so at the same time.
type meeting struct {
	jobtest.Coder
	looks *atomic.Int32
	two   chan struct{} // closed when the second one is there
}

var _ stream.RepeatMeter = meeting{}

// MeasureRepeats implements stream.RepeatMeter.
func (m meeting) MeasureRepeats(ctx context.Context, _ [][]int32, lengths []int) ([]float64, error) {
	if m.looks.Add(1) == 2 {
		close(m.two)
	}
	select {
	case <-m.two:
		return make([]float64, len(lengths)), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestRecordingsArePreparedAhead compresses recordings of which each is looked at in one
// place: with enough workers, that of the next one comes before the first one's is done.
func TestRecordingsArePreparedAhead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Takes")
	for i := range 5 {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.wav", i)), jobtest.WAV(8000, 16, 1, takeFrames, uint64(i)))
	}
	e := engine()
	coder := meeting{jobtest.NewCoder(model), new(atomic.Int32), make(chan struct{})}
	e.Codec.Coder, e.Workers = coder, 16
	ahead := compress(t, e, dir)
	if n := coder.looks.Load(); n != 5 {
		t.Errorf("%d places of 5 recordings were looked at", n)
	}
	e.Workers = 1
	if err := sameBytes(ahead, compress(t, e, dir)); err != nil {
		t.Error(err)
	}
}
