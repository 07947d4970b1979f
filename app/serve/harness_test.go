package serve_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const model = "serve"

// album archives a folder and returns the originals by name.
func album(t testing.TB, recordings int) (archive string, originals map[string][]byte) {
	t.Helper()
	made := albums[recordings]
	if made == nil {
		made = makeAlbum(t, recordings)
		albums[recordings] = made
	}
	archive = filepath.Join(t.TempDir(), "My Album.trilobyte")
	if err := os.WriteFile(archive, made.packed, 0o666); err != nil {
		t.Fatal(err)
	}
	return archive, made.originals
}

// made is an archive, and what is in it.
type made struct {
	packed    []byte
	originals map[string][]byte
}

// albums are those that were made, by how many recordings they have.
var albums = map[int]*made{}

func makeAlbum(t testing.TB, recordings int) *made {
	t.Helper()
	dir := t.TempDir()
	originals := map[string][]byte{
		"Album/cover.html":       []byte("<script>alert(1)</script>"),
		"Album/float.wav":        floats(50_000), // which no FLAC frames hold
		"Album/text.txt":         bytes.Repeat([]byte("not much of a text "), 100_000),
		"Album/<b> & \"ä #1.wav": jobtest.WAV(48000, 24, 2, 3000, 99),
	}
	for i := range recordings {
		originals[fmt.Sprintf("Album/Discs/%02d.wav", i)] = jobtest.WAV(8000, 16, 1, 1<<18+20_000, uint64(i))
	}
	originals["Album/copy.wav"] = originals["Album/Discs/00.wav"]
	for name, b := range originals {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, b, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link.txt": "text.txt", "loop": "loop", "discs": "Discs"} {
		if err := os.Symlink(target, filepath.Join(dir, "Album", link)); err != nil {
			t.Fatal(err)
		}
	}
	archive := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: jobtest.Codec(model)}
	summary, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "Album")}, Archive: archive})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	packed, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	return &made{packed, originals}
}

// floats returns a WAV file of so many floats.
func floats(frames int) []byte {
	b := jobtest.WAVHeader(3, 8000, 32, 1, 4*frames)
	for i := range frames {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i%1000)/1024))
	}
	return b
}

// logged is a log that tests read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start serves archives and returns the address, which ends with a slash.
func start(t testing.TB, codec job.Codec, archives ...string) (address string, log *logged) {
	t.Helper()
	server, log := newServer(t, codec, archives...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String() + "/", log
}

func newServer(t testing.TB, codec job.Codec, archives ...string) (*serve.Server, *logged) {
	t.Helper()
	out := &logged{}
	server, err := serve.New(codec, archives, 4<<20, log.New(out, "", 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, out
}

// addressOf returns the address of a file.
func addressOf(base, archive, name string) string {
	return base + (&url.URL{Path: archive + "/" + name}).EscapedPath()
}

// ask sends a request and returns the answer with its body.
func ask(t testing.TB, method, address string, header ...string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r) // which follows nothing
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer, b, err
}
