package serve_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"trilobyte/app/job/jobtest"
)

// TestBrowsersListenEarly plays a recording while it is decoded. What is wrong breaks
// off, and is not kept.
func TestBrowsersListenEarly(t *testing.T) {
	const early = 20_000 // frames
	for name, wrong := range map[string]bool{"right": false, "wrong": true} {
		t.Run(name, func(t *testing.T) {
			codec, archive, file, goOn := jobtest.HaltingArchive(t, model, early, wrong)
			base, _ := start(t, codec, archive)
			request, err := http.NewRequest("GET", addressOf(base, "a.wav", "a.wav"), nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Sec-Fetch-Dest", "audio")
			request.Header.Set("Range", "bytes=44-")
			answer, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			const buffered = 4096 // by the server
			got := make([]byte, 2*early-buffered)
			if _, err := io.ReadFull(answer.Body, got); err != nil || answer.StatusCode != 206 || answer.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%v, error %v", answer, err)
			}
			close(goOn)
			rest, err := io.ReadAll(answer.Body)
			got = append(got, rest...)
			if (err != nil) != wrong || !wrong && !bytes.Equal(got, file[44:]) || wrong && len(got) > 2*early {
				t.Errorf("%d bytes of %d are heard, error %v", len(got), len(file)-44, err)
			}
			// A stretch of that segment would be complete before it is known to be wrong.
			answer, body, err := ask(t, "GET", addressOf(base, "a.wav", "a.wav"), "Sec-Fetch-Dest", "audio", "Range", "bytes=1000-1099")
			if err != nil || (answer.StatusCode == 206) == wrong || !wrong && !bytes.Equal(body, file[1000:1100]) {
				t.Errorf("%v, error %v", answer, err)
			}
		})
	}
}
