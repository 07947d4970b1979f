package job_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
)

// slowFirst keeps the first one that passes it until so many others have.
type slowFirst struct {
	passed atomic.Int32
	others int32
	enough chan struct{} // closed when they have
}

func newSlowFirst(others int32) *slowFirst {
	return &slowFirst{others: others, enough: make(chan struct{})}
}

func (s *slowFirst) pass(ctx context.Context) error {
	switch s.passed.Add(1) {
	case 1:
		select {
		case <-s.enough:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
			return errors.New("the others wait for the first one")
		}
	case 1 + s.others:
		close(s.enough)
	}
	return nil
}

// patient is a coder whose first segments are not done before many others are begun.
type patient struct {
	jobtest.Coder
	encoding, decoding *slowFirst
}

// Encode implements stream.SegmentCoder.
func (p patient) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	if err := p.encoding.pass(ctx); err != nil {
		return nil, err
	}
	return p.Coder.Encode(ctx, samples, bits, progress)
}

// Decode implements stream.SegmentCoder.
func (p patient) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(int)) ([][]int32, error) {
	if err := p.decoding.pass(ctx); err != nil {
		return nil, err
	}
	return p.Coder.Decode(ctx, data, channels, frames, bits, progress)
}

// TestALongSegmentKeepsNobodyWaiting compresses and verifies recordings of which the first
// takes one of two cores as long as the other one needs for ten.
func TestALongSegmentKeepsNobodyWaiting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Takes")
	for i := range 16 {
		wav := jobtest.WAV(8000, 16, 1, 40000, uint64(i))
		for audio := wav[44:]; len(audio) > 400; audio = audio[400:] {
			copy(audio[400:], audio[:400]) // FLAC does not see that it comes again
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%02d.wav", i)), wav)
	}
	e := engine()
	coder := patient{jobtest.NewCoder(model), newSlowFirst(10), newSlowFirst(10)}
	e.Workers, e.Codec.Coder = 2, coder
	compress(t, e, dir)
	if encoded, decoded := coder.encoding.passed.Load(), coder.decoding.passed.Load(); encoded != 16 || decoded != 16 {
		t.Errorf("of 16 segments %d are encoded and %d decoded", encoded, decoded)
	}
}
