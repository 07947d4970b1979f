package job_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// estimate estimates paths with two presets.
func estimate(t *testing.T, paths ...string) *job.Estimate {
	t.Helper()
	result, err := engine().Estimate(context.Background(), estimateOptions(paths...))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// estimateWith estimates a path with one coder.
func estimateWith(t *testing.T, coder stream.SegmentCoder, path string) *job.Estimate {
	t.Helper()
	e := job.Engine{Codec: job.Codec{Coder: coder}}
	result, err := e.Estimate(t.Context(), job.EstimateOptions{Paths: []string{path}, Presets: []job.PresetCoder{{Name: "one", Coder: coder}}})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func estimateOptions(paths ...string) job.EstimateOptions {
	return job.EstimateOptions{Paths: paths, Presets: []job.PresetCoder{{"default", jobtest.NewCoder(model)}, {"other", jobtest.NewCoder("other")}}}
}

// compareEstimate compares an estimate with the archive, whose path it returns.
func compareEstimate(t *testing.T, e *job.Estimate, paths ...string) {
	t.Helper()
	archive := compress(t, engine(), paths...)
	entries, _, err := engine().List(archive)
	if err != nil {
		t.Fatal(err)
	}
	var flac, held int64
	for _, entry := range entries {
		if entry.FLAC > 0 {
			flac += entry.FLAC
			held += entry.File.Compressed
		}
	}
	info, err := os.Stat(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.Presets {
		want := 1 - float64(held)/float64(flac)
		if saving := e.Saving(p); math.Abs(saving-want) > 0.015 {
			t.Errorf("%s saves %.4f, and not %.4f as estimated", p.Name, want, saving)
		}
		if off := float64(p.Archive)/float64(info.Size()) - 1; math.Abs(off) > 0.04 {
			t.Errorf("the archive has %d bytes, and not %d", info.Size(), p.Archive)
		}
	}
	if off := float64(e.FLAC)/float64(flac) - 1; math.Abs(off) > 0.03 {
		t.Errorf("FLAC needs %d bytes, and not %d", flac, e.FLAC)
	}
}

// TestEstimateOfManyRecordings estimates more than ten minutes of sound, of which it
// listens to little.
func TestEstimateOfManyRecordings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	dir := filepath.Join(t.TempDir(), "dir")
	for i := range 8 {
		frames := 200_000 + 60_000*i
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%02d.wav", i)), jobtest.WAV(8000, 16, 1+i%2, frames, uint64(i)))
	}
	long := jobtest.WAV(8000, 16, 1, 1_000_000, 50)
	writeFile(t, filepath.Join(dir, "long.wav"), long)
	writeFile(t, filepath.Join(dir, "z", "copy.wav"), long)
	writeFile(t, filepath.Join(dir, "z", "cut.wav"), append(jobtest.WAVHeader(1, 8000, 16, 1, 600_000), long[400_044:1_000_044]...))
	writeFile(t, filepath.Join(dir, "z", "text.txt"), bytes.Repeat([]byte("not much of a text "), 50_000))
	e := estimate(t, dir)
	compareEstimate(t, e, dir)
	if e.Files != 12 || e.Recordings != 11 || e.Copies != 1 || e.Failed != 0 || len(e.Kept) != 0 {
		t.Errorf("%+v", e)
	}
	if e.Audio < 11*time.Minute || e.Listened > e.Audio/12 || e.Listened == 0 {
		t.Errorf("it listened to %v of %v", e.Listened, e.Audio)
	}
	again := estimate(t, dir)
	for i := range again.Presets {
		again.Presets[i].Time = e.Presets[i].Time
	}
	if !reflect.DeepEqual(again, e) {
		t.Errorf("the next time, it says\n%+v, and not\n%+v", again, e)
	}
}

func TestEstimateOfABitOfEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, source := range []string{album(t), copied(t)} {
		compareEstimate(t, estimate(t, source), source)
	}
	e := estimate(t, album(t))
	if len(e.Kept) != 3 || e.Kept[0].Name != "Album/05 none.wav" || e.Kept[0].Why == "" || e.Recordings != 6 {
		t.Errorf("%+v", e)
	}
	if e.Presets[0].Time <= 0 || e.Presets[0].Name != "default" || e.Presets[1].Name != "other" {
		t.Errorf("%+v", e.Presets)
	}
}

// looping is a coder of what repeats itself after 100,000 of 600,000 frames. It only
// encodes.
type looping struct{ jobtest.Coder }

// repeatedShare is what it saves by that.
const repeatedShare = 5. / 6 * 0.99

func (looping) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	frames := len(samples[0])
	first := min(frames, 100_000)
	return make([]byte, first+(frames-first)/100), nil
}

func (looping) RepeatShare(context.Context, [][]int32) (float64, error) { return repeatedShare, nil }

// TestEstimateOfWhatRepeats makes sure that what is heard for the first time is not
// taken for all.
func TestEstimateOfWhatRepeats(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, path, jobtest.WAV(8000, 16, 1, 600_000, 1))
	coder := looping{jobtest.NewCoder(model)}
	result := estimateWith(t, coder, path)
	const all = 600_000 * (1 - repeatedShare)
	if off := float64(result.Presets[0].Held)/all - 1; math.Abs(off) > 0.03 {
		t.Errorf("%d bytes are estimated, and not %.0f", result.Presets[0].Held, all)
	}
}

// learner is a coder that saves a quarter of what FLAC needs, and less at the beginning of what it codes: it lacks some 18 % of that in
// 8192 frames, or twice as much without a memory, and half as much in four times as many. It only encodes.
type learner struct {
	jobtest.Coder
	flacFrame float64 // bytes that FLAC needs for a frame
	memory    bool
}

func (l learner) Remembers() bool { return l.memory }

func (l learner) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	frames := float64(len(samples[0]))
	missing := 0.18
	if !l.memory {
		missing *= 2
	}
	saved := math.Log(4./3) * (1 - missing*math.Sqrt(8192/frames))
	return make([]byte, int(frames*l.flacFrame*math.Exp(-saved))), nil
}

// TestEstimateOfWhatIsLearned makes sure that what learning costs is taken away from the
// sizes of windows, which are much shorter than segments.
func TestEstimateOfWhatIsLearned(t *testing.T) {
	const frames, rate = 4_000_000, 44100
	path := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, path, jobtest.WAV(rate, 16, 1, frames, 1))
	flacFrame := float64(estimate(t, path).FLAC) / frames
	for _, memory := range []bool{true, false} {
		testLearning(t, learner{jobtest.NewCoder(model), flacFrame, memory}, path, frames, rate)
	}
}

func testLearning(t *testing.T, coder learner, path string, frames int, rate uint32) {
	t.Helper()
	result := estimateWith(t, coder, path)
	size := func(frames int) float64 {
		data, _ := coder.Encode(t.Context(), [][]int32{make([]int32, frames)}, 16, nil)
		return float64(len(data))
	}
	segment := stream.SegmentFrames(recording.Format{Channels: 1, SampleRate: rate, Width: 2, ValidBits: 16}, int64(frames))
	want := 0.0
	for left := frames; left > 0; left -= segment {
		want += size(min(left, segment))
	}
	if off := float64(result.Presets[0].Held)/want - 1; math.Abs(off) > 0.01 {
		t.Errorf("with memory %v %d bytes are estimated, and not %.0f: %.3f more", coder.memory, result.Presets[0].Held, want, off)
	}
	if windows := size(8192) / 8192 * float64(frames) / want; windows < 1.03 {
		t.Errorf("windows take %.3f of what segments do: there is not much to be taken away", windows)
	}
}

func TestEstimateOfFLACFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	dir := filepath.Join(t.TempDir(), "dir")
	writeFile(t, filepath.Join(dir, "a.wav"), jobtest.WAV(8000, 16, 2, 300_000, 1))
	out, _, _ := export(t, engine(), compress(t, engine(), dir), job.FLAC)
	e := estimate(t, out)
	compareEstimate(t, e, filepath.Join(out, "dir"))
}

func TestEstimateReportsWhatItCannotRead(t *testing.T) {
	dir := album(t)
	var failed []job.Failed
	e := engine()
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failed = append(failed, f)
		}
	}
	result, err := e.Estimate(context.Background(), estimateOptions(dir, filepath.Join(dir, "gone")))
	if err != nil || result.Failed != 1 || len(failed) != 1 || failed[0].Phase != job.Estimating {
		t.Errorf("%+v, failed %v, error %v", result, failed, err)
	}
	if _, err := e.Estimate(context.Background(), estimateOptions(filepath.Join(dir, "gone"))); !errors.Is(err, job.ErrNothingToDo) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Estimate(ctx, estimateOptions(dir)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestEstimateReportsWhatVanishes removes a recording while others are listened to.
func TestEstimateReportsWhatVanishes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	const count = 30
	for i := range count {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%02d.wav", i)), jobtest.WAV(8000, 16, 1, 5000, uint64(i)))
	}
	failed := ""
	e := engine()
	e.Events = func(ev job.Event) {
		switch ev := ev.(type) {
		case job.Progress:
			os.Remove(filepath.Join(dir, "29.wav")) // may be gone already
		case job.Failed:
			failed = filepath.Base(ev.Name)
		}
	}
	result, err := e.Estimate(context.Background(), estimateOptions(dir))
	if err != nil || result.Failed != 1 || result.Recordings != count-1 || failed != "29.wav" {
		t.Errorf("%+v, error %v, failed %q", result, err, failed)
	}
}

// halves is a coder that needs a byte a sample where FLAC needs more than two, most of all
// because it knows the values that occur. It only encodes.
type halves struct{ looping }

func (halves) RepeatShare(context.Context, [][]int32) (float64, error) { return 0, nil }

func (halves) LatticeBits([][]int32) float64 { return 8 }

func (halves) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	return make([]byte, len(samples[0])), nil
}

// TestEstimateOfKnownValues makes sure that what the values that occur save is not taken
// for something that is learned.
func TestEstimateOfKnownValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, path, jobtest.WAV(48000, 24, 1, 600_000, 1))
	coder := halves{}
	coder.Coder = jobtest.NewCoder(model)
	result := estimateWith(t, coder, path)
	if off := float64(result.Presets[0].Held)/600_000 - 1; math.Abs(off) > 0.1 {
		t.Errorf("%d bytes are estimated, and not 600,000; FLAC %d", result.Presets[0].Held, result.FLAC)
	}
}

// TestEstimateOfWeakFLACFiles has FLAC files that were made with little and with much effort by turns: what is saved depends on it.
func TestEstimateOfWeakFLACFiles(t *testing.T) {
	program, err := exec.LookPath("flac")
	if err != nil {
		t.Skip("the flac program is not installed")
	}
	dir, wav := t.TempDir(), filepath.Join(t.TempDir(), "a.wav")
	for i := range 12 {
		effort := []string{"-0", "-b", "192"}
		if i%2 > 0 {
			effort = []string{"-8"}
		}
		writeFile(t, wav, jobtest.WAV(8000, 16, 1, 100_000, uint64(i)))
		out := filepath.Join(dir, fmt.Sprintf("%02d.flac", i))
		if message, err := exec.Command(program, append(effort, "-s", "-o", out, wav)...).CombinedOutput(); err != nil {
			t.Fatalf("flac: %v: %s", err, message)
		}
	}
	coder := halves{}
	coder.Coder = jobtest.NewCoder(model)
	result := estimateWith(t, coder, dir)
	if off := float64(result.Presets[0].Held)/1_200_000 - 1; math.Abs(off) > 0.02 {
		t.Errorf("%d bytes are estimated, and not 1,200,000: %.3f more", result.Presets[0].Held, off)
	}
}

// threeQuarters is a coder that needs three quarters of FLAC. It only encodes.
type threeQuarters struct{ halves }

func (threeQuarters) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	size, err := flac.Measure(samples, bits, 8000, 0)
	return make([]byte, size*3/4), err
}

// TestEstimateOfUnevenFLACFiles has FLAC frames of noise and of silence by turns: what a file has for a few samples is not what it has
// for the frames around them on average.
func TestEstimateOfUnevenFLACFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	for i := range 12 {
		wav := jobtest.WAV(8000, 16, 1, 100_000+1000*i, uint64(i))
		for k, samples := 0, wav[44:]; k*2*flac.BlockSize < len(samples); k++ {
			if block := samples[k*2*flac.BlockSize:]; (k+i)%2 > 0 {
				clear(block[:min(2*flac.BlockSize, len(block))])
			}
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%02d.wav", i)), wav)
	}
	out, _, _ := export(t, engine(), compress(t, engine(), dir), job.FLAC)
	coder := threeQuarters{}
	coder.Coder = jobtest.NewCoder(model)
	result := estimateWith(t, coder, out)
	if off := float64(result.Presets[0].Held)/float64(result.FLAC) - 0.75; math.Abs(off) > 0.02 {
		t.Errorf("%d bytes of %d are estimated: %.3f more than there will be", result.Presets[0].Held, result.FLAC, off)
	}
}
