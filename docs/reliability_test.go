// Package docs_test compares what is written with what there is.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReliabilityNamesWhatThereIs looks for each test and script that the page
// on reliability names as proof.
func TestReliabilityNamesWhatThereIs(t *testing.T) {
	page, err := os.ReadFile("reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		tests.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1)
	for _, name := range names {
		if !strings.Contains(tests.String(), "\nfunc "+name[1]+"(t *testing.T)") {
			t.Errorf("there is no %s", name[1])
		}
	}
	scripts := regexp.MustCompile("`(testdata/script/[a-z_]+.txt)`").FindAllStringSubmatch(string(page), -1)
	for _, script := range scripts {
		if _, err := os.Stat(filepath.Join("..", script[1])); err != nil {
			t.Error(err)
		}
	}
	if len(names) < 20 || len(scripts) == 0 {
		t.Errorf("only %d tests and %d scripts are named", len(names), len(scripts))
	}
}
