package operation_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/operation"
)

func TestVerifyAndRestore(t *testing.T) {
	dir := t.TempDir()
	wav := filepath.Join(dir, "a.wav")
	if err := os.WriteFile(wav, jobtest.WAV(8000, 16, 2, 5000, 1), 0o666); err != nil {
		t.Fatal(err)
	}
	engine := job.Engine{Codec: jobtest.Codec("operation")}
	path := filepath.Join(dir, "a.trilobyte")
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{wav}, Archive: path}); err != nil {
		t.Fatal(err)
	}
	restore := func(ctx context.Context, events func(job.Event)) (job.Summary, error) {
		e := engine
		e.Events = events
		return e.Restore(ctx, job.RestoreOptions{Archive: path, Dir: filepath.Join(dir, "out")})
	}
	for i, want := range []struct{ files, failed int }{{1, 0}, {0, 1}} {
		if i == 1 { // the second time there is another file in the way
			if err := os.WriteFile(filepath.Join(dir, "out", "a.wav"), []byte("mine"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		o := operation.Start(1, restore)
		o.Wait()
		s := o.Status()
		if !s.Ended || s.Err != nil || s.Cancelled || s.Files != want.files || s.Failed != want.failed {
			t.Errorf("time %d: %+v", i+1, s)
		}
		if failures := o.Failures(0); len(failures) != want.failed {
			t.Errorf("time %d: failures %v", i+1, failures)
		}
		select {
		case <-o.Changed():
		default:
			t.Error("nothing has changed")
		}
	}
}

func TestCancelAndErrors(t *testing.T) {
	bad := errors.New("bad")
	o := operation.Start(1, func(ctx context.Context, events func(job.Event)) (job.Summary, error) {
		events(job.Failed{Name: "x", Err: bad})
		<-ctx.Done()
		return job.Summary{Failed: 1}, ctx.Err()
	})
	o.Cancel()
	o.Wait()
	if s := o.Status(); !s.Cancelled || s.Err != nil {
		t.Errorf("%+v", s)
	}
	if got := o.Failures(0); !reflect.DeepEqual(got, []operation.Failure{{Name: "x", Err: bad}}) {
		t.Errorf("%v", got)
	}
	broken := errors.New("broken")
	o = operation.Start(1, func(context.Context, func(job.Event)) (job.Summary, error) { return job.Summary{}, broken })
	o.Wait()
	if s := o.Status(); s.Cancelled || s.Err != broken {
		t.Errorf("%+v", s)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
