package queue

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// adopt takes over an archive that is there already, if it is one of the same
// files: a crash may have come between an archive and its entry in the
// journal, and folders are dropped twice. It is verified if the options say so.
func (q *Queue) adopt(ctx context.Context, engine *job.Engine, e *entry, sources *job.Sources, o Options) (result, error) {
	foreign := &ArchiveError{e.Archive, ErrForeign}
	entries, damage, err := engine.List(e.Archive)
	if errors.Is(err, archive.ErrNotArchive) || errors.Is(err, archive.ErrVersion) || len(damage) > 0 {
		return result{}, foreign
	}
	if err != nil {
		return result{}, err
	}
	var files []archive.File
	for _, entry := range entries {
		if entry.Err != nil {
			return result{}, foreign
		}
		files = append(files, entry.File)
	}
	if job.Difference(sources, files) != nil {
		return result{}, &ArchiveError{e.Archive, ErrTaken}
	}
	info, err := q.disk.Stat(e.Archive)
	if err != nil {
		return result{}, err
	}
	if o.Verify {
		summary, err := engine.Verify(ctx, e.Archive)
		if err != nil {
			return result{}, err
		}
		if summary.Failed > 0 {
			return result{}, &ArchiveError{e.Archive, ErrDamaged}
		}
	}
	if err := engine.Abandon(e.Archive); err != nil {
		q.fault(err)
	}
	for _, f := range sources.Failures() {
		engine.Events(f)
	}
	summary := job.Summary{Files: files, Failed: len(sources.Failures())}
	return result{summary: summary, size: info.Size(), verified: o.Verify, note: NoteArchivedAlready}, nil
}

// discardOriginals moves the originals of a verified archive to the
// wastebasket, if every file is in it, unchanged.
func (q *Queue) discardOriginals(ctx context.Context, e *entry, summary job.Summary) (Note, string) {
	if q.config.Discard == nil {
		return NoteOriginalsKept, q.config.Words(ErrNoWastebasket)
	}
	if err := q.gate.Wait(ctx); err != nil {
		return NoteOriginalsKept, q.config.Words(err)
	}
	engine := q.config.Engine
	if err := engine.DiscardOriginals(ctx, e.Paths, e.Archive, summary, q.config.Discard); err != nil {
		return NoteOriginalsKept, q.config.Words(err)
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
