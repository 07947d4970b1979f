//go:build linux

package serve_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/serve"
)

// TestNamesAreThoseOfTheDisk serves files whose names are escaped in the archive: under
// the names that they had, unless nobody could write these.
func TestNamesAreThoseOfTheDisk(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		`A: side/back\slash.txt`: "1", "A: side/100%25.txt": "2", "A: side/b%E9la.txt": "3", "A: side/b\xe9la.txt": "4", "A: side/b\xe9la/5.txt": "5",
		"A: side/b%E9la/6.txt": "6",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(`../A: side/back\slash.txt`, filepath.Join(dir, "A: side", "link.txt")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: jobtest.Codec(model)}
	if summary, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "A: side")}, Archive: path}); err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	s, err := serve.New(jobtest.Codec(model), []string{path}, 1<<20, log.New(io.Discard, "", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	get := func(name string) string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, (&url.URL{Path: "/a/A: side/" + name}).EscapedPath(), nil))
		return w.Body.String()
	}
	for name, want := range map[string]string{
		`back\slash.txt`: "1", "100%25.txt": "2", "b%E9la.txt": "3", "b%E9la.txt (2)": "4", "b%E9la (2)/5.txt": "5", "b%E9la/6.txt": "6", "link.txt": "1",
	} {
		if got := get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	page := get("")
	for _, want := range []string{`>back\slash.txt<`, ">100%25.txt<", "<h1>A: side</h1>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q: %s", want, page)
		}
	}
}
