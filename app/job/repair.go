package job

import (
	"context"
	"fmt"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// suspectError says that what an update has made is not verified, and that this may be
// for entries that it has taken over. They are named as they are in the archive that is
// updated.
type suspectError struct {
	names    []string
	failures []Failed // why it is not verified
}

// Error implements error.
func (*suspectError) Error() string { return ErrNotVerified.Error() }

// damagedBefore is the error of an entry of the archive that is updated.
func damagedBefore(name string, err error) error {
	return fmt.Errorf("%s %w: %w", name, ErrDamagedBefore, disk.WithoutPath(err))
}

// findDamage verifies entries of the archive that is updated, and adds those that are
// damaged, and were not known to be, with why. If there are none, what the update has
// taken over does not come back as it was read, and that is told.
func (e *Engine) findDamage(ctx context.Context, path string, suspected *suspectError, damaged map[string]error) error {
	found := false
	r := &report{phase: Verifying, events: func(ev Event) {
		if f, ok := ev.(Failed); ok && damaged[f.Name] == nil {
			damaged[f.Name], found = f.Err, true
		}
	}}
	_, err := e.verify(ctx, r, path, func(entry *archive.Entry) bool { return slices.Contains(suspected.names, entry.Name) })
	switch {
	case err != nil:
		return err
	case found:
		return nil
	}
	for _, f := range suspected.failures {
		e.send(f)
	}
	return ErrNotVerified
}

// verifyNew verifies an archive that has been made, or left, by a job with that result,
// but has not got its name yet. What an update of those items has taken over is verified
// only if that is wanted.
func (e *Engine) verifyNew(ctx context.Context, temp string, o CompressOptions, made Summary, items []item) error {
	files := map[string]archive.File{}
	for _, f := range made.Files {
		files[f.Name] = f
	}
	suspected, suspects, failed := &suspectError{}, map[string]bool{}, false
	r := &report{phase: Verifying, events: func(ev Event) {
		f, ok := ev.(Failed)
		if !ok {
			e.send(ev)
			return
		}
		taken := slices.DeleteFunc(slices.Concat(files[f.Name].RefersTo, []string{f.Name, files[f.Name].SameAs}), func(name string) bool { return !made.Kept[name] })
		for _, name := range taken {
			suspects[name] = true
		}
		if len(taken) == 0 {
			failed = true
			e.send(ev)
		} else {
			suspected.failures = append(suspected.failures, f)
		}
	}}
	_, err := e.verify(ctx, r, temp, func(entry *archive.Entry) bool {
		return o.VerifyAll || !made.Kept[entry.Name] || !hasContent(entry.Kind)
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("reading %s again, to verify it: %w", o.Archive, disk.WithoutPath(err))
	case failed:
		return ErrNotVerified
	case len(suspects) == 0:
		return nil
	}
	for _, it := range items {
		if suspects[it.name] {
			suspected.names = append(suspected.names, it.oldName())
		}
	}
	return suspected
}

// hasContent says whether entries of a kind are of files; others take no time.
func hasContent(k archive.Kind) bool { return k == archive.KindRecording || k == archive.KindFile }

// unverified is how many files an update has taken over, which verifyNew passes over.
func unverified(made Summary) int {
	n := 0
	for _, f := range made.Files {
		if made.Kept[f.Name] && hasContent(f.Kind) {
			n++
		}
	}
	return n
}
