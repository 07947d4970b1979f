package selftest_test

import (
	"context"
	"errors"
	"testing"

	"trilobyte/app/job/jobtest"
	"trilobyte/app/selftest"
	"trilobyte/codec/stream"
)

// wrong is a coder that loses a bit.
type wrong struct{ stream.SegmentCoder }

func (w wrong) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(int)) ([][]int32, error) {
	samples, err := w.SegmentCoder.Decode(ctx, data, channels, frames, bits, progress)
	samples[1][frames-1] ^= 1
	return samples, err
}

func TestRun(t *testing.T) {
	coder := jobtest.NewCoder("self-test")
	encoding, decoding, err := selftest.Run(context.Background(), coder)
	if err != nil || encoding <= 0 || decoding <= 0 {
		t.Errorf("speeds %v and %v, error %v", encoding, decoding, err)
	}
	if _, _, err := selftest.Run(context.Background(), wrong{coder}); !errors.Is(err, selftest.ErrDiffers) {
		t.Errorf("a coder that loses a bit: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := selftest.Run(ctx, coder); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
