package archive_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// TestSmallRecordingsTakeLittleRoom has recordings with any times and checksums, and sizes not far from FLAC's: each takes at most
// 60 bytes beside its compressed bytes, its short name among them.
func TestSmallRecordingsTakeLittleRoom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	w, err := archive.Create(disk.OS{}, filepath.Join(t.TempDir(), "a"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	const count, ends = 1000, 500
	most := int64(ends)
	for i := range count {
		size := 44 + 2*int64(random.IntN(3000))
		e, err := w.Begin(fmt.Sprintf("%d.wav", i), archive.KindRecording, size)
		if err != nil {
			t.Fatal(err)
		}
		compressed := 20 + random.IntN(4000)
		if _, err := e.Write(make([]byte, compressed)); err != nil {
			t.Fatal(err)
		}
		var sum [32]byte
		for k := range sum {
			sum[k] = byte(random.Uint32())
		}
		f := archive.File{
			SHA256: fmt.Sprintf("%x", sum), CRC32: archive.ZIPSum(archive.KindRecording, 0, sum), Mode: 0o644, Format: "wav", Samples: "int",
			SampleRate: 44100, Bits: 16, Channels: 1, Frames: (size - 44) / 2, FLAC: int64(compressed + random.IntN(400)),
		}
		f.SetModTime(time.Unix(1_700_000_000+random.Int64N(1e8), random.Int64N(1e9)))
		if f, err = e.Commit(archive.Method, f); err != nil {
			t.Fatal(err)
		}
		most += f.Compressed + 60
	}
	if err := w.Finish(nil, true); err != nil {
		t.Fatal(err)
	}
	if w.Size() > most {
		t.Errorf("%d recordings take %d bytes more than %d", count, w.Size()-most, most)
	}
}
