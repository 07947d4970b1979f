package progress_test

import (
	"context"
	"testing"

	"trilobyte/codec/progress"
)

func TestAdd(t *testing.T) {
	progress.Add(context.Background(), 1) // nobody listens
	total := 0
	ctx := progress.With(context.Background(), func(samples int) { total += samples })
	progress.Add(ctx, 256)
	progress.Add(ctx, 100)
	if total != 356 {
		t.Errorf("%d samples were reported, want 356", total)
	}
}
