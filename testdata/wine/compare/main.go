// Compare compares an archive that was made on Windows with one that was made of the same files here: what was compressed
// must be the same, byte for byte, and what the manifest says of each file, but for what the systems have differently:
//
//   - Windows has one permission, to write; it tells of files that everybody may do what the owner may;
//   - its times are in units of 100 nanoseconds.
//
// usage: compare HERE.trilobyte WINDOWS.trilobyte
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: compare HERE.trilobyte WINDOWS.trilobyte")
		os.Exit(2)
	}
	n, err := compare(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
	fmt.Printf("%d entries are as those that are made here\n", n)
}

// compare returns how many entries the archives have, or how they differ.
func compare(here, there string) (int, error) {
	a, err := archive.Open(disk.OS{}, here)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	b, err := archive.Open(disk.OS{}, there)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	if len(a.Entries()) != len(b.Entries()) {
		return 0, fmt.Errorf("%d entries here, %d on Windows", len(a.Entries()), len(b.Entries()))
	}
	var differences []error
	for i, e := range a.Entries() {
		if err := compareEntries(e, b.Entries()[i]); err != nil {
			differences = append(differences, fmt.Errorf("%s: %w", e.Name, err))
		}
	}
	return len(a.Entries()), errors.Join(differences...)
}

func compareEntries(here, there *archive.Entry) error {
	a, b := common(here.File), common(there.File)
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("here it is\n%+v, on Windows\n%+v", a, b)
	}
	x, err1 := compressed(here)
	y, err2 := compressed(there)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !bytes.Equal(x, y) {
		return errors.New("its compressed bytes differ")
	}
	return nil
}

// common is what both systems have of a file.
func common(f archive.File) archive.File {
	const ownerMayWrite fs.FileMode = 0o200
	f.Mode &= ownerMayWrite
	f.Nanoseconds -= f.Nanoseconds % 100
	return f
}

func compressed(e *archive.Entry) ([]byte, error) {
	r, err := e.Compressed()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
