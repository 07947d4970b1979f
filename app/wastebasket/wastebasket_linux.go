package wastebasket

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Move moves a file or folder to the wastebasket. It follows the Trash
// specification 1.0 of freedesktop.org: what lies on the disk of the home
// folder goes to the wastebasket there, the rest to one at the top of its own
// disk. Nothing is copied. If that cannot be, the file stays where it is, and
// the error wraps ErrNone or says what failed.
func Move(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	trash, relativeTo, err := folder(path, info)
	if err != nil {
		return fmt.Errorf("%s stays where it is: %w", path, err)
	}
	name, err := announce(trash, path, relativeTo)
	if err != nil {
		return fmt.Errorf("%s stays where it is: %w", path, err)
	}
	if err := os.Rename(path, filepath.Join(trash, "files", name)); err != nil {
		return errors.Join(err, os.Remove(infoFile(trash, name)))
	}
	return nil
}

func infoFile(trash, name string) string {
	return filepath.Join(trash, "info", name+".trashinfo")
}

// folder returns the wastebasket for path, and the folder that the paths in it
// are relative to, or "" if they are absolute.
func folder(path string, info fs.FileInfo) (trash, relativeTo string, err error) {
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", "", err
		}
		data = filepath.Join(home, ".local", "share")
	}
	trash = filepath.Join(data, "Trash")
	if err := make700(trash); err != nil {
		return "", "", err
	}
	home, err := os.Stat(trash)
	if err != nil {
		return "", "", err
	}
	if device(home) == device(info) {
		return trash, "", nil
	}
	top, err := topOf(path, device(info))
	if err != nil {
		return "", "", err
	}
	trash = filepath.Join(top, fmt.Sprintf(".Trash-%d", os.Getuid()))
	if err := make700(trash); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	if made, err := os.Lstat(trash); err != nil || !made.IsDir() || device(made) != device(info) {
		return "", "", ErrNone
	}
	return trash, top, nil
}

func make700(trash string) error {
	for _, sub := range []string{"files", "info"} {
		if err := os.MkdirAll(filepath.Join(trash, sub), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func device(info fs.FileInfo) uint64 {
	return uint64(info.Sys().(*syscall.Stat_t).Dev)
}

// topOf returns the topmost folder above path that is on the given device.
func topOf(path string, dev uint64) (string, error) {
	top := filepath.Dir(path)
	for {
		parent := filepath.Dir(top)
		info, err := os.Stat(parent)
		if err != nil {
			return "", err
		}
		if parent == top || device(info) != dev {
			return top, nil
		}
		top = parent
	}
}

// announce writes where a file comes from and returns its name in the
// wastebasket, which nothing else has.
func announce(trash, path, relativeTo string) (string, error) {
	from := path
	if relativeTo != "" {
		var err error
		if from, err = filepath.Rel(relativeTo, path); err != nil {
			return "", err
		}
	}
	text := fmt.Sprintf("[Trash Info]\nPath=%s\nDeletionDate=%s\n", escape(from), time.Now().Format("2006-01-02T15:04:05"))
	base := filepath.Base(path)
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s.%d", base, n)
		}
		file, err := os.OpenFile(infoFile(trash, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.WriteString(text)
		if err := errors.Join(err, file.Close()); err != nil {
			return "", errors.Join(err, os.Remove(infoFile(trash, name)))
		}
		if _, err := os.Lstat(filepath.Join(trash, "files", name)); err == nil { // without an announcement
			os.Remove(infoFile(trash, name))
			continue
		}
		return name, nil
	}
}

// escape escapes a path as URLs do, but for the slashes.
func escape(path string) string {
	elements := strings.Split(path, "/")
	for i, e := range elements {
		elements[i] = url.PathEscape(e)
	}
	return strings.Join(elements, "/")
}
