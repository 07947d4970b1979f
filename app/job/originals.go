package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"trilobyte/app/archive"
)

// DiscardOriginals moves the files and folders that an archive was made of to
// the wastebasket, by calling discard for each of paths, which are those that
// Compress was given, as made is what it returned. It does so only if the
// archive was verified, nothing failed, and what is on the disk now has the
// names, sizes and times of what is in the archive. Otherwise all originals
// stay where they are, and the error says why. If discard fails, those paths
// that come later stay, too.
func (e *Engine) DiscardOriginals(ctx context.Context, paths []string, archivePath string, made Summary, discard func(path string) error) error {
	if err := e.mayDiscard(ctx, paths, archivePath, made); err != nil {
		return fmt.Errorf("%w, so the originals stay where they are", err)
	}
	for _, p := range paths {
		if _, err := e.disk().Lstat(p); errors.Is(err, fs.ErrNotExist) {
			continue // it lay in a folder that has gone before
		}
		if err := discard(p); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) mayDiscard(ctx context.Context, paths []string, archivePath string, made Summary) error {
	if made.Failed > 0 {
		return errors.New("not all files are in the archive")
	}
	if len(made.Lacks) > 0 {
		return errors.New("not everything of the files is in the archive")
	}
	if !made.Verified || made.Unverified > 0 {
		return errors.New("the archive was not verified")
	}
	for _, p := range paths {
		info, err := e.disk().Lstat(p)
		switch {
		case err != nil:
			return err
		case info.Mode().Type() == fs.ModeSymlink:
			return fmt.Errorf("%s is a link to what was archived", p)
		}
		inside, err := e.liesIn(archivePath, p)
		if err != nil {
			return err
		}
		if inside {
			return fmt.Errorf("the archive lies in %s", p)
		}
	}
	// They are scanned once more: what has come since must not go with them.
	sources, err := e.Scan(ctx, paths)
	for _, f := range sources.Failures() {
		err = errors.Join(err, fmt.Errorf("%s: %w", f.Name, f.Err))
	}
	if err != nil {
		return fmt.Errorf("the originals could not be looked at once more: %w", err)
	}
	return Difference(sources, withoutGone(sources, made))
}

// withoutGone returns what is in an archive, but for what an update has kept, or repaired,
// that was gone from the disk.
func withoutGone(sources *Sources, made Summary) []archive.File {
	there := map[string]bool{}
	for _, s := range sources.Files() {
		there[s.Name] = true
	}
	return slices.DeleteFunc(slices.Clone(made.Files), func(f archive.File) bool {
		return (made.Kept[f.Name] || slices.Contains(made.Repaired, f.Name)) && !there[f.Name]
	})
}

// liesIn says whether a file lies in a folder, or is it, whatever links lead
// to them.
func (e *Engine) liesIn(file, folder string) (bool, error) {
	real := func(path string) (string, error) {
		path, err := e.disk().EvalSymlinks(path)
		if err != nil {
			return "", err
		}
		return filepath.Abs(path)
	}
	file, err := real(file)
	if err != nil {
		return false, err
	}
	if folder, err = real(folder); err != nil {
		return false, err
	}
	relative, err := filepath.Rel(folder, file)
	if err != nil {
		return false, nil // on different disks
	}
	return relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator)), nil
}

// Difference says how what is on the disk differs from what is in an archive,
// or returns nil. It looks at names, sizes and times.
func Difference(sources *Sources, files []archive.File) error {
	archived := map[string]archive.File{}
	for _, f := range files {
		if f.Kind != archive.KindFolder {
			archived[f.Name] = f
		}
	}
	for _, s := range sources.Files() {
		f, ok := archived[s.Name]
		switch {
		case !ok:
			return fmt.Errorf("%s is not in the archive", s.Name)
		case s.Link != (f.Kind == archive.KindLink):
			return fmt.Errorf("%s is not what is in the archive", s.Name)
		case !s.Link && (f.Size != s.Size || f.ModTime().UnixNano() != s.Modified):
			return fmt.Errorf("%s has changed since it was archived", s.Name)
		}
		delete(archived, s.Name)
	}
	for name := range archived {
		return fmt.Errorf("%s is only in the archive", name)
	}
	return nil
}
