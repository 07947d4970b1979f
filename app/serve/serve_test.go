package serve_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"trilobyte/app/job/jobtest"
)

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
