package content_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"trilobyte/app/content"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/preset"
	"trilobyte/codec/backend"
)

// A folder is archived and verified, and parts of it are read from the archive.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	album, archive := filepath.Join(dir, "Album"), filepath.Join(dir, "Album.trilobyte")
	if err := os.Mkdir(album, 0o777); err != nil {
		log.Fatal(err)
	}
	tone := jobtest.WAV(8000, 16, 1, 8000, 1) // a second of a tone with a little noise
	if err := os.WriteFile(filepath.Join(album, "tone.wav"), tone, 0o666); err != nil {
		log.Fatal(err)
	}

	// The codec, with the default preset. What it cannot use of this machine it tells
	// to the last argument, and works without.
	codec, done, err := preset.Codecs{}.Codec(preset.Choice{}, backend.Encoding, func(err error) { log.Print(err) })
	if err != nil {
		log.Fatal(err)
	}
	defer done()

	// Create an archive, and verify it. Events tells how it goes on, and what fails.
	engine := job.Engine{Codec: codec, Events: func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			log.Printf("%s: %v", f.Name, f.Err)
		}
	}}
	if _, err := engine.Compress(ctx, job.CompressOptions{Paths: []string{album}, Archive: archive}); err != nil {
		log.Fatal(err)
	}
	summary, err := engine.Verify(ctx, archive)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("failed:", summary.Failed)

	// Open it, list it, and read a range of a file, and the rest of it.
	a, err := content.Open(codec, archive, content.NewCache(content.DefaultCacheSize))
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()
	for _, f := range a.Files() {
		fmt.Println(f.Kind, f.Name, f.Size, f.Duration())
	}
	file, err := a.File(ctx, "Album/tone.wav")
	if err != nil {
		log.Fatal(err)
	}
	head := make([]byte, 4)
	if _, err := file.ReadAt(ctx, head, 0); err != nil {
		log.Fatal(err)
	}
	r := file.Reader(ctx)
	defer r.Close()
	if _, err := r.Seek(44, io.SeekStart); err != nil {
		log.Fatal(err)
	}
	audio, err := io.ReadAll(r)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, and %d bytes of audio\n", head, len(audio))
	// Output:
	// failed: 0
	// folder Album 0 0s
	// recording Album/tone.wav 16044 1s
	// RIFF, and 16000 bytes of audio
}
