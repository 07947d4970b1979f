package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/serve"
	"trilobyte/codec/stream"
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

func TestFilesAndRanges(t *testing.T) {
	archive, originals := album(t, 1)
	base, log := start(t, jobtest.Codec(model), archive)
	withLink := maps.Clone(originals)
	withLink["Album/link.txt"] = originals["Album/text.txt"]
	for name, want := range withLink {
		address := addressOf(base, "My Album", name)
		answer, got, err := ask(t, "GET", address)
		if err != nil || answer.StatusCode != 200 || !bytes.Equal(got, want) {
			t.Fatalf("%s: %v, %d bytes, error %v", name, answer, len(got), err)
		}
		tag := answer.Header.Get("Etag")
		for _, c := range []struct {
			header, value string
			status        int
			want          []byte
		}{
			{"Range", "bytes=5-9", 206, want[5:10]},
			{"Range", "bytes=-7", 206, want[len(want)-7:]},
			{"Range", "bytes=12-", 206, want[12:]},
			{"Range", fmt.Sprintf("bytes=%d-", len(want)), 416, nil},
			{"If-None-Match", tag, 304, []byte{}},
		} {
			answer, got, err := ask(t, "GET", address, c.header, c.value)
			if err != nil || answer.StatusCode != c.status || c.want != nil && !bytes.Equal(got, c.want) {
				t.Errorf("%s, %s %s: status %v, %d bytes, error %v", name, c.header, c.value, answer.StatusCode, len(got), err)
			}
		}
		answer, got, err = ask(t, "GET", address, "Range", "bytes=5-9", "If-Range", `"another"`)
		if err != nil || answer.StatusCode != 200 || !bytes.Equal(got, want) {
			t.Errorf("%s, if it were another: %v, %d bytes, error %v", name, answer.StatusCode, len(got), err)
		}
		answer, got, err = ask(t, "HEAD", address)
		if err != nil || answer.ContentLength != int64(len(want)) || len(got) > 0 || answer.Header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s, HEAD: %v, error %v", name, answer, err)
		}
		if answer.Header.Get("Content-Security-Policy") != "sandbox" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a browser may do anything with it", name)
		}
	}
	if log.String() != "" {
		t.Errorf("it was logged: %s", log)
	}
}

func TestPages(t *testing.T) {
	archive, _ := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive, archive)
	answer, _, err := ask(t, "GET", base+"My%20Album/Album")
	if err != nil || answer.StatusCode != 301 || answer.Header.Get("Location") != "/My%20Album/Album/" {
		t.Errorf("a folder without a slash: %v, error %v", answer, err)
	}
	answer, _, err = ask(t, "GET", strings.TrimSuffix(base, "/")+"//My%20Album")
	if err != nil || answer.Header.Get("Location") != "/My%20Album/" {
		t.Errorf("it leads to another server: %v, error %v", answer, err)
	}
	for path, wanted := range map[string][]string{
		"":                  {`href="./My%20Album/"`, `href="./My%20Album%20%282%29/"`},
		"My%20Album/Album/": {`href="./Discs/"`, `src="./%3Cb%3E%20&amp;%20%22%C3%A4%20%231.wav"`, "&lt;b&gt; &amp; &#34;ä #1.wav", `<audio controls preload="none"`, "link.txt", `<a href="/">`},
	} {
		_, page, err := ask(t, "GET", base+path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wanted {
			if !strings.Contains(string(page), want) {
				t.Errorf("the page of %q has no %q:\n%s", path, want, page)
			}
		}
		if strings.Contains(string(page), "loop") || strings.Contains(string(page), `"./discs`) {
			t.Errorf("the page of %q has a link to no file", path)
		}
	}
}

func TestFoldersAreListedForWebDAV(t *testing.T) {
	archive, originals := album(t, 1)
	base, _ := start(t, jobtest.Codec(model), archive)
	answer, body, err := ask(t, "PROPFIND", base+"My%20Album/Album/Discs", "Depth", "1")
	if err != nil || answer.StatusCode != 207 {
		t.Fatalf("%v, error %v", answer, err)
	}
	var listed struct {
		Response []struct {
			Href   string `xml:"href"`
			Length int    `xml:"propstat>prop>getcontentlength"`
			Type   string `xml:"propstat>prop>getcontenttype"`
		} `xml:"response"`
	}
	if err := xml.Unmarshal(body, &listed); err != nil || len(listed.Response) != 2 {
		t.Fatalf("error %v: %s", err, body)
	}
	for _, r := range listed.Response[1:] {
		name := strings.TrimPrefix(r.Href, "/My%20Album/")
		if r.Length != len(originals[name]) || r.Type != "audio/wav" {
			t.Errorf("%+v", r)
		}
	}
}

func TestNothingCanBeWrittenOrReachedOutside(t *testing.T) {
	archive, _ := album(t, 1)
	before, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := start(t, jobtest.Codec(model), archive)
	for _, method := range []string{"PUT", "POST", "DELETE", "MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK", "PROPPATCH", "PATCH", "TRACE", "CONNECT", "X"} {
		for _, path := range []string{"", "My%20Album/Album/text.txt", "new"} {
			answer, _, err := ask(t, method, base+path, "Destination", base+"new")
			if err != nil || answer.StatusCode < 400 {
				t.Errorf("%s %s: %v, error %v", method, path, answer, err)
			}
		}
	}
	for _, path := range []string{"../x", "My%20Album/../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "My%20Album.trilobyte", "My%20Album/Album/..%2f..%2fx", "etc/passwd"} {
		for _, method := range []string{"GET", "PROPFIND"} {
			if answer, _, err := ask(t, method, base+path); err != nil || answer.StatusCode != 404 {
				t.Errorf("%s %s: %v, error %v", method, path, answer, err)
			}
		}
	}
	r, _ := http.NewRequest("GET", base, nil)
	r.Host = "rebound.example"
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("for another host: %v, error %v", answer, err)
	}
	answer.Body.Close()
	if after, err := os.ReadFile(archive); err != nil || !bytes.Equal(after, before) {
		t.Error("the archive was changed")
	}
}

// TestManyReadAtTheSameTime has 8 clients read random ranges of recordings: in the
// long form of ten, for a minute. Some give up on the way.
func TestManyReadAtTheSameTime(t *testing.T) {
	recordings, lasting := 3, time.Second
	if os.Getenv("TRILOBYTE_SOAK") != "" {
		recordings, lasting = 10, time.Minute
	}
	archive, originals := album(t, recordings)
	base, log := start(t, jobtest.Codec(model), archive)
	end := time.Now().Add(lasting)
	var clients sync.WaitGroup
	var right atomic.Int64
	for n := range 8 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			for time.Now().Before(end) {
				name := fmt.Sprintf("Album/Discs/%02d.wav", random.IntN(recordings))
				want := originals[name]
				first := random.IntN(len(want))
				last := min(first+random.IntN(len(want)), len(want)-1)
				ctx, cancel := context.WithCancel(context.Background())
				r, _ := http.NewRequestWithContext(ctx, "GET", addressOf(base, "My Album", name), nil)
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last))
				answer, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Error(err)
					cancel()
					return
				}
				limit := int64(len(want))
				if random.IntN(4) == 0 {
					limit = random.Int64N(100_000) // and goes away
				}
				got, err := io.ReadAll(io.LimitReader(answer.Body, limit))
				answer.Body.Close()
				cancel()
				if whole := want[first : last+1]; err != nil || !bytes.Equal(got, whole[:min(int64(len(whole)), limit)]) {
					t.Errorf("%s from %d: %d bytes, error %v", name, first, len(got), err)
				}
				right.Add(int64(len(got)))
			}
		})
	}
	clients.Wait()
	if log.String() != "" {
		t.Errorf("it was logged: %s", log)
	}
	t.Logf("%d bytes were right", right.Load())
}

// slow is a coder that decodes for ever, and counts what is in work.
type slow struct {
	jobtest.Coder
	working *atomic.Int32
}

func (s slow) Decode(ctx context.Context, _ []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestClientsThatGoAwayLeaveNoWork reads what takes for ever, and gives up.
func TestClientsThatGoAwayLeaveNoWork(t *testing.T) {
	archive, _ := album(t, 1)
	working := &atomic.Int32{}
	codec := jobtest.Codec(model)
	codec.Coder = slow{jobtest.NewCoder(model), working}
	base, log := start(t, codec, archive)
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", addressOf(base, "My Album", "Album/float.wav"), nil)
			r.Header.Set("Range", "bytes=100000-")
			if answer, err := http.DefaultTransport.RoundTrip(r); err == nil {
				answer.Body.Close()
				t.Errorf("status %d", answer.StatusCode)
			}
		})
	}
	clients.Wait()
	for deadline := time.Now().Add(5 * time.Second); working.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d segments are still being decoded", working.Load())
		}
	}
	if log.String() != "" {
		t.Errorf("it was logged: %s", log)
	}
}

func TestDamageIsAnErrorWhereItIs(t *testing.T) {
	archive, originals := album(t, 1)
	b, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	name := "Album/Discs/00.wav"
	flipped := bytes.Index(b, []byte(name)) + 50_000 // in its first segment
	b[flipped] ^= 1
	if err := os.WriteFile(archive, b, 0o666); err != nil {
		t.Fatal(err)
	}
	base, log := start(t, jobtest.Codec(model), archive)
	address := addressOf(base, "My Album", name)
	answer, body, err := ask(t, "GET", address, "Range", "bytes=1000-1999")
	if err != nil || answer.StatusCode != 500 || answer.Header.Get("Content-Range") != "" {
		t.Errorf("%v, error %v", answer, err)
	}
	for _, text := range []string{string(body), log.String()} {
		if !strings.Contains(text, "the audio from 0:00:00.000 to 0:00:") || !strings.Contains(text, name) {
			t.Errorf("the error does not say when it is: %s", text)
		}
	}
	want := originals[name]
	answer, body, err = ask(t, "GET", address, "Range", "bytes=-1000")
	if err != nil || answer.StatusCode != 206 || !bytes.Equal(body, want[len(want)-1000:]) {
		t.Errorf("behind the damage: %v, error %v", answer, err)
	}
	// The 44 bytes before the audio are sound: the answer has begun when the damage comes.
	_, body, err = ask(t, "GET", address)
	if err == nil || len(body) > 44 {
		t.Errorf("all of it: %d bytes, error %v", len(body), err)
	}
}

// TestAnArchiveThatIsReplaced is read from as before, or not at all.
func TestAnArchiveThatIsReplaced(t *testing.T) {
	archive, originals := album(t, 1)
	b, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	base, log := start(t, jobtest.Codec(model), archive)
	name := "Album/Discs/00.wav"
	address, want := addressOf(base, "My Album", name), originals[name]
	if err := os.Rename(archive, archive+".old"); err != nil {
		t.Fatal(err)
	}
	answer, body, err := ask(t, "GET", address, "Range", "bytes=0-9999")
	if err != nil || answer.StatusCode != 206 || !bytes.Equal(body, want[:10_000]) {
		t.Errorf("after it was replaced: %v, error %v", answer, err)
	}
	for i := range b {
		b[i]++
	}
	time.Sleep(20 * time.Millisecond) // times of files are only so exact
	if err := os.WriteFile(archive+".old", b, 0o666); err != nil {
		t.Fatal(err)
	}
	answer, _, err = ask(t, "GET", address, "Range", "bytes=-10000")
	if err != nil || answer.StatusCode != 500 || !strings.Contains(log.String(), "was changed since it was opened") {
		t.Errorf("after it was written to: %v, error %v, log %s", answer, err, log)
	}
}

// FuzzRequests sends anything as a request.
func FuzzRequests(f *testing.F) {
	archive, originals := album(f, 1)
	server, _ := newServer(f, jobtest.Codec(model), archive)
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /My%20Album/Album/text.txt HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-2,5-9\r\nIf-Range: \"x\"\r\n\r\n",
		"GET /My%20Album/Album/Discs/00.wav HTTP/1.1\r\nHost: localhost\r\nRange: bytes=100000-100009\r\n\r\n",
		"PROPFIND /My%20Album HTTP/1.1\r\nHost: localhost\r\nDepth: 1\r\nContent-Length: 62\r\n\r\n<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>\r\n\r\n\r\n",
		"PUT /../../x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
		"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
		"HEAD //My%20Album//Album/../ HTTP/1.0\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if p := recover(); p != nil && p != http.ErrAbortHandler {
					panic(p)
				}
			}()
			server.ServeHTTP(w, r)
		}()
		reads := slices.Contains([]string{"GET", "HEAD", "OPTIONS", "PROPFIND"}, r.Method)
		if !reads && w.Code < 400 {
			t.Errorf("%s is answered with %d", r.Method, w.Code)
		}
		if w.Code == 200 && r.Method == "GET" && w.Header().Get("Etag") != "" {
			name := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(r.URL.Path, "/"), "My Album"), "/")
			for strings.Contains(name, "//") {
				name = strings.ReplaceAll(name, "//", "/")
			}
			if name == "Album/link.txt" {
				name = "Album/text.txt"
			}
			if !bytes.Equal(w.Body.Bytes(), originals[name]) {
				t.Errorf("%q is answered with other bytes", r.URL.Path)
			}
		}
	})
}

var _ stream.SegmentCoder = slow{}
