package job_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// A stretch of a recording is written as a WAV file. Programs get their codec from
// package preset.
func ExampleEngine_Cat() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	tape := filepath.Join(dir, "tape.wav")
	if err := os.WriteFile(tape, jobtest.WAV(8000, 16, 1, 80_000, 1), 0o666); err != nil {
		log.Fatal(err)
	}
	ctx, engine := context.Background(), job.Engine{Codec: jobtest.Codec("example")}
	archive := filepath.Join(dir, job.ArchiveName(tape))
	if _, err := engine.Compress(ctx, job.CompressOptions{Paths: []string{tape}, Archive: archive}); err != nil {
		log.Fatal(err)
	}
	var stretch bytes.Buffer
	err = engine.Cat(ctx, &stretch, job.CatOptions{Archive: archive, Name: "tape.wav", From: 2 * time.Second, To: 5 * time.Second})
	fmt.Println(stretch.Len(), err)
	// Output: 48044 <nil>
}
