package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"trilobyte/app/cli"
	"trilobyte/app/disk"
	"trilobyte/app/job/jobtest"
)

// interrupted is a coder that interrupts the program, and then takes for ever.
type interrupted struct {
	jobtest.Coder
	signal os.Signal
	once   *sync.Once
}

func (c interrupted) Encode(ctx context.Context, _ [][]int32, _ int, _ func(int)) ([]byte, error) {
	c.once.Do(func() {
		if err := signalSelf(c.signal); err != nil {
			panic(err)
		}
	})
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestSignalsStopCleanly(t *testing.T) {
	for _, signal := range signals {
		t.Run(signal.String(), func(t *testing.T) {
			dir, err := os.MkdirTemp("", "trilobyte-") // testing could not remove one in Wine 8
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := disk.RemoveAll(dir); err != nil {
					t.Error(err)
				}
			})
			source := filepath.Join(dir, "a.wav")
			if err := os.WriteFile(source, jobtest.WAV(8000, 16, 1, 1000, 1), 0o600); err != nil {
				t.Fatal(err)
			}
			codec := jobtest.Codec(model)
			codec.Coder = interrupted{jobtest.NewCoder(model), signal, new(sync.Once)}
			var stdout, stderr bytes.Buffer
			start := time.Now()
			code := cli.Run([]string{"compress", source}, &stdout, &stderr, only{codec}, "")
			if took := time.Since(start); took > time.Minute {
				t.Errorf("stopping took %v", took)
			}
			if code != 1 || stderr.String() != "trilobyte: stopped: there is no archive of what was done so far\n" {
				t.Errorf("exit code %d, %q", code, stderr.String())
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
				t.Errorf("it left %v, error %v", left, err)
			}
		})
	}
}
