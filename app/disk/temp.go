package disk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The names of files that are not finished. They are hidden, and tell all runs
// of the program what they are.
const (
	tempPrefix    = ".trilobyte-"
	tempSuffix    = ".tmp"     // of no use to any other run
	partSuffix    = ".part"    // an archive that another run can go on with
	journalSuffix = ".journal" // of such an archive, and its lock
	tempLength    = 10
)

// TempName is a new name for a file that is of no use to any other run:
// .trilobyte-XXXXXXXXXX.tmp.
func TempName() string {
	return tempPrefix + rand.Text()[:tempLength] + tempSuffix
}

// PartNames are the names of the unfinished archive that is to be called name,
// and of its journal: the same ones in every run, so that a run can go on where
// another was interrupted.
func PartNames(name string) (part, journal string) {
	sum := sha256.Sum256([]byte(name))
	id := tempPrefix + base32.StdEncoding.EncodeToString(sum[:])[:tempLength]
	return id + partSuffix, id + journalSuffix
}

// IsTemp says whether a file is one that is not finished, by its name.
func IsTemp(name string) bool {
	name, ok := strings.CutPrefix(name, tempPrefix)
	if !ok || len(name) < tempLength {
		return false
	}
	switch name[tempLength:] {
	case tempSuffix, partSuffix, journalSuffix:
		return true
	}
	return false
}

// temporary is what CreateTemp and RemoveDead need of an FS or a Root.
type temporary interface {
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Open(name string) (File, error)
	Create(name string, mode fs.FileMode) (File, error)
	Remove(name string) error
}

// CreateTemp makes a file in the folder dir under a new name of TempName's. It
// is locked as long as it is open, if the file system has locks, which is how
// RemoveDead knows that it is in use.
func CreateTemp(d temporary, dir string, mode fs.FileMode) (file File, name string, err error) {
	// Another run may take the lock, and remove the file, before this one has it.
	const attempts = 10
	for range attempts {
		name = filepath.Join(dir, TempName())
		if file, err = d.Create(name, mode); err != nil {
			return nil, "", err
		}
		err = file.Lock()
		if errors.Is(err, errors.ErrUnsupported) || err == nil && IsSame(d, file, name) {
			return file, name, nil
		}
		if err == nil {
			err = ErrLocked
		}
		if closing := errors.Join(file.Close(), d.Remove(name)); !errors.Is(err, ErrLocked) {
			return nil, "", errors.Join(err, closing)
		}
	}
	return nil, "", fmt.Errorf("making a temporary file in %s: %w", dir, err)
}

// IsSame says whether an open file is still the one of that name.
func IsSame(d interface {
	Lstat(name string) (fs.FileInfo, error)
}, file File, name string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := d.Lstat(name)
	return err == nil && os.SameFile(open, there)
}

// RemoveDead removes from the folder dir what runs have left there that were
// killed: files with a name of TempName's that nobody has locked. Files of runs
// that go on are left alone, and so are archives that can be gone on with.
// What cannot be removed stays: it is in nobody's way.
func RemoveDead(d temporary, dir string) {
	entries, err := d.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !IsTemp(entry.Name()) || !strings.HasSuffix(entry.Name(), tempSuffix) {
			continue
		}
		name := filepath.Join(dir, entry.Name())
		file, err := d.Open(name)
		if err != nil {
			continue
		}
		if file.Lock() == nil && IsSame(d, file, name) {
			d.Remove(name)
		}
		file.Close()
	}
}
