package serve_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/job/jobtest"
)

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
