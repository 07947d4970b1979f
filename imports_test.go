package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// allowed says which folders at the top may import which others: data flows one way. What is not listed may import
// nothing of the program. ARCHITECTURE.md explains it.
var allowed = map[string][]string{
	"":         {"app", "assets", "codec", "ui"}, // the program itself
	"app":      {"assets", "codec"},
	"ui":       {"app", "codec"},
	"training": {"app", "assets", "codec"},
	"docs":     {"app"},
}

// closed are folders that only folders below the second one may import, deeper than Go's rule for internal ones.
var closed = map[string]string{
	"codec/internal/": "codec/",
	"app/cli":         "", // the program itself
}

// TestImportsObeyTheRules reads the imports of all files, of tests too.
func TestImportsObeyTheRules(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if entry.IsDir() && (path == "build" || path == "testdata" || strings.HasPrefix(path, ".") && path != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(path, imported); why != "" {
				t.Errorf("%s imports %s: %s", path, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were found", files)
	}
}

// forbidden says why a file may not import a package, or "".
func forbidden(file, imported string) string {
	imported, own := strings.CutPrefix(imported, "trilobyte/")
	if !own {
		if strings.HasPrefix(imported, "fyne.io/") && top(file) != "ui" && top(file) != "" {
			return "only the window uses its toolkit"
		}
		return ""
	}
	from, to := top(file), top(imported+"/")
	ok := from == to || to == "assets" && strings.HasSuffix(file, "_test.go") // the models that are built in
	for _, folder := range allowed[from] {
		ok = ok || folder == to
	}
	if !ok {
		return "see ARCHITECTURE.md"
	}
	for folder, users := range closed {
		within := users != "" && strings.HasPrefix(file, users) || users == "" && from == ""
		if strings.HasPrefix(imported+"/", folder) && !within && !strings.HasPrefix(file, folder) {
			return folder + " is not for others"
		}
	}
	return ""
}

// top returns the first folder of a path, or "" if there is none.
func top(path string) string {
	folder, _, found := strings.Cut(path, "/")
	if !found {
		return ""
	}
	return folder
}

// TestForbidden makes sure that the rules forbid something.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		forbidden      bool
	}{
		{"main.go", "trilobyte/app/cli", false},
		{"main_window.go", "fyne.io/fyne/v2", false},
		{"codec/segment/segment.go", "trilobyte/codec/stream", false},
		{"codec/segment/segment.go", "trilobyte/app/job", true},
		{"codec/segment/segment.go", "trilobyte/assets", true},
		{"codec/segment/paths_test.go", "trilobyte/assets", false},
		{"app/job/job.go", "trilobyte/codec/stream", false},
		{"app/job/job.go", "trilobyte/ui", true},
		{"app/job/job.go", "trilobyte/codec/internal/entropy", true},
		{"app/job/job.go", "fyne.io/fyne/v2", true},
		{"ui/window.go", "trilobyte/app/queue", false},
		{"ui/window.go", "trilobyte/app/cli", true},
		{"assets/models.go", "trilobyte/codec", true},
	} {
		if why := forbidden(c.file, c.imported); (why != "") != c.forbidden {
			t.Errorf("%s imports %s: %q", c.file, c.imported, why)
		}
	}
}
