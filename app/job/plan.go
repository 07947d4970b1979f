package job

import (
	"context"

	"trilobyte/app/archive"
)

// Source is a file that Compress would archive.
type Source struct {
	Path string // on the disk
	Name string // in the archive
	Size int64  // bytes; 0 of links
	Link bool   // it is a symbolic link
	// Modified is when it was last modified, in nanoseconds since 1970.
	Modified int64
}

// Scan finds the files that Compress would archive, in the order in which it
// would, without opening them. Folders themselves are not among them. What
// cannot be archived is reported by Failed events and left out. The error is
// that of the context.
func (e *Engine) Scan(ctx context.Context, paths []string) ([]Source, error) {
	s := scanner{disk: e.disk(), report: e.report(Compressing)}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.add(p); err != nil {
			s.report.failed(p, err)
		}
	}
	var sources []Source
	for _, it := range s.items {
		if it.kind == archive.KindFolder {
			continue
		}
		source := Source{Path: it.path, Name: it.name, Link: it.kind == archive.KindLink, Modified: it.info.ModTime().UnixNano()}
		if !source.Link {
			source.Size = it.info.Size()
		}
		sources = append(sources, source)
	}
	return sources, ctx.Err()
}
