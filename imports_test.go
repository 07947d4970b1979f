package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// allowed says which folders at the top may import which others: data flows one way. What is not listed may import
// nothing of the program. ARCHITECTURE.md explains it.
var allowed = map[string][]string{
	"":         {"app", "codec", "ui"}, // the program itself
	"app":      {"codec"},
	"ui":       {"app", "codec"},
	"training": {"app", "codec"},
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
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() && (name == "build" || name == "testdata" || strings.HasPrefix(name, ".") && name != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(name, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
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
	// The models that are built in are had from package codec, but for tests.
	ok := from == to || to == "assets" && (path.Dir(file) == "codec" || strings.HasSuffix(file, "_test.go"))
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
		{"codec/preset.go", "trilobyte/assets", false},
		{"app/job/job.go", "trilobyte/assets", true},
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
