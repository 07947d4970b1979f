package onnx

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFindLooksWhereItIsTold(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "odd [name]")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv(Variable, folder)
	if path, err := Find(); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("in an empty folder it finds %q, %v", path, err)
	}
	library := filepath.Join(folder, libraryNames()[0])
	if err := os.WriteFile(library, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{folder, library} {
		t.Setenv(Variable, named)
		if path, err := Find(); path != library || err != nil {
			t.Errorf("%s: it finds %q, %v", named, path, err)
		}
	}
	t.Setenv(Variable, filepath.Join(folder, "missing"))
	if path, err := Find(); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("at a missing path it finds %q, %v", path, err)
	}
}
