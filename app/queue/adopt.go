package queue

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// adopt takes over an archive that is there already, if it is one of the same
// files: a crash may have come between an archive and its entry in the
// journal, and folders are dropped twice. It is verified if the options say so.
func (q *Queue) adopt(ctx context.Context, engine *job.Engine, e *entry, o Options) (result, error) {
	other := &fs.PathError{Op: "create", Path: e.Archive, Err: fs.ErrExist}
	entries, damage, err := engine.List(e.Archive)
	if err != nil || len(damage) > 0 {
		return result{}, other
	}
	var files []archive.File
	for _, entry := range entries {
		if entry.Err != nil {
			return result{}, other
		}
		files = append(files, entry.File)
	}
	sources, err := engine.Scan(ctx, e.Paths)
	if err != nil {
		return result{}, err
	}
	if reason := difference(sources, files); reason != "" {
		return result{}, other
	}
	info, err := os.Stat(e.Archive)
	if err != nil {
		return result{}, err
	}
	if o.Verify {
		summary, err := engine.Verify(ctx, e.Archive)
		if err != nil {
			return result{}, err
		}
		if summary.Failed > 0 {
			return result{}, fmt.Errorf("%s exists already, of the same files, but is damaged: move it away, then retry", e.Archive)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range files {
		q.measured(e, f.Name, sizesOf(f))
		if own := e.file(f.Name); own != nil {
			own.Whole = f.Compressed
		}
	}
	return result{size: info.Size(), verified: o.Verify, note: NoteArchivedAlready}, nil
}

// difference says how what is on the disk differs from what is in an archive,
// or returns "". It looks at names, sizes and times.
func difference(sources []job.Source, files []archive.File) string {
	archived := map[string]archive.File{}
	for _, f := range files {
		if f.Kind != archive.KindFolder {
			archived[f.Name] = f
		}
	}
	for _, s := range sources {
		f, ok := archived[s.Name]
		switch {
		case !ok:
			return fmt.Sprintf("%s is not in the archive", s.Name)
		case s.Link != (f.Kind == archive.KindLink):
			return fmt.Sprintf("%s is not what is in the archive", s.Name)
		case !s.Link && (f.Size != s.Size || f.ModTime().UnixNano() != s.Modified):
			return fmt.Sprintf("%s has changed since it was archived", s.Name)
		}
		delete(archived, s.Name)
	}
	for name := range archived {
		return fmt.Sprintf("%s is only in the archive", name)
	}
	return ""
}

// discardOriginals moves the originals of a verified archive to the
// wastebasket, if every file is in it, unchanged.
func (q *Queue) discardOriginals(ctx context.Context, e *entry, summary job.Summary) (Note, string) {
	if summary.Failed > 0 {
		return NoteOriginalsKept, "not all files are in the archive, so the originals stay where they are"
	}
	if q.config.Discard == nil {
		return NoteOriginalsKept, "there is no wastebasket here"
	}
	engine := q.config.Engine
	failed := false
	engine.Events = func(ev job.Event) {
		_, f := ev.(job.Failed)
		failed = failed || f
	}
	sources, err := engine.Scan(ctx, e.Paths)
	if err != nil || failed {
		return NoteOriginalsKept, "the originals could not be read once more, so they stay where they are"
	}
	if reason := difference(sources, summary.Files); reason != "" {
		return NoteOriginalsKept, reason + ", so the originals stay where they are"
	}
	for _, p := range e.Paths {
		if err := q.config.Discard(p); err != nil {
			return NoteOriginalsKept, err.Error()
		}
	}
	return NoteInWastebasket, ""
}

// nameWithin returns the name in the archive of a path below root, which is
// archived.
func nameWithin(root, path string) (string, bool) {
	relative, err := filepath.Rel(filepath.Dir(root), path)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(relative), true
}
