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
	listSuffix    = ".list"    // of what a run has left to do, for another one
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
	case tempSuffix, partSuffix, journalSuffix, listSuffix:
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
	file, name, _, err = createTemp(d, dir, tempSuffix, mode)
	return file, name, err
}

// CreateList makes a file in the folder dir that another run is to read if this one is
// killed: see TakeDeadLists. The error wraps errors.ErrUnsupported on file systems
// without locks, on which nobody knows whether a run goes on.
func CreateList(d temporary, dir string) (file File, name string, err error) {
	file, name, locked, err := createTemp(d, dir, listSuffix, 0o600)
	if err == nil && !locked {
		return nil, "", errors.Join(errors.ErrUnsupported, file.Close(), d.Remove(name))
	}
	return file, name, err
}

// TakeDeadLists calls take with the contents of all files of CreateList in the folder dir
// whose runs were killed, and removes them if it returns true.
func TakeDeadLists(d temporary, dir string, take func(contents []string) bool) {
	var contents []string
	var files []File
	var names []string
	read := func(file File, name string) bool {
		info, err := file.Stat()
		if err != nil {
			return false
		}
		b := make([]byte, info.Size())
		if n, err := file.ReadAt(b, 0); n < len(b) && err != nil {
			return false
		}
		contents, files, names = append(contents, string(b)), append(files, file), append(names, name)
		return true
	}
	eachTemp(d, dir, listSuffix, func(kind fs.FileMode, name string) {
		if kind == 0 {
			ifDead(d, name, func(file File) bool { return read(file, name) })
		}
	})
	taken := len(contents) > 0 && take(contents)
	for i, file := range files {
		file.Close()
		if taken { // a run that takes it, too, does no harm
			d.Remove(names[i])
		}
	}
}

func createTemp(d temporary, dir, suffix string, mode fs.FileMode) (file File, name string, locked bool, err error) {
	// Another run may take the lock, and remove the file, before this one has it.
	const attempts = 10
	for range attempts {
		name = filepath.Join(dir, tempPrefix+rand.Text()[:tempLength]+suffix)
		if file, err = d.Create(name, mode); err != nil {
			return nil, "", false, err
		}
		err = file.Lock()
		if errors.Is(err, errors.ErrUnsupported) || err == nil && IsSame(d, file, name) {
			return file, name, err == nil, nil
		}
		if err == nil {
			err = ErrLocked
		}
		if closing := errors.Join(file.Close(), d.Remove(name)); !errors.Is(err, ErrLocked) {
			return nil, "", false, errors.Join(err, closing)
		}
	}
	return nil, "", false, fmt.Errorf("making a temporary file in %s: %w", dir, err)
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
// killed: files with a name of TempName's that nobody has locked, and symbolic
// links, which have no locks: they have such a name for a moment only. Files of
// runs that go on are left alone, and so are archives that can be gone on with.
// What cannot be removed stays: it is in nobody's way.
func RemoveDead(d temporary, dir string) {
	eachTemp(d, dir, tempSuffix, func(kind fs.FileMode, name string) {
		switch kind {
		case fs.ModeSymlink:
			d.Remove(name)
		case 0:
			ifDead(d, name, func(File) (keep bool) {
				d.Remove(name)
				return false
			})
		}
	})
}

// eachTemp calls do with what is in the folder dir and has a name that ends in suffix.
func eachTemp(d temporary, dir, suffix string, do func(kind fs.FileMode, name string)) {
	entries, err := d.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if IsTemp(entry.Name()) && strings.HasSuffix(entry.Name(), suffix) {
			do(entry.Type(), filepath.Join(dir, entry.Name()))
		}
	}
}

// ifDead calls do with a file, locked now, if the run that has made it was killed. The
// file is closed unless do returns true.
func ifDead(d temporary, name string, do func(file File) (keep bool)) {
	file, err := d.Open(name)
	if err != nil {
		return
	}
	if file.Lock() != nil || !IsSame(d, file, name) || !do(file) {
		file.Close()
	}
}
