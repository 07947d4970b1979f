package queue

import (
	"strings"

	"trilobyte/app/job"
)

// merge puts the files of a job that were there when it was read before, and are
// gone, among those that are there now, as failed. Sources learn of them: the
// archive says that they are missing, and the result tells of them.
func (q *Queue) merge(e *entry, now []File, sources *job.Sources) []File {
	place := make(map[string]int, len(now))
	for i, f := range now {
		place[f.Name] = i
	}
	failed := map[string]bool{}
	for _, f := range sources.Failures() {
		for _, p := range e.Paths {
			if name, ok := nameWithin(p, f.Name); ok {
				failed[name] = true
			}
		}
	}
	var merged []File
	next := 0
	for _, f := range e.files {
		i, there := place[f.Name]
		switch {
		case there && i >= next:
			merged = append(merged, now[next:i+1]...)
			next = i + 1
		case !there && !isWithin(failed, f.Name):
			sources.LeaveOut(f.Name, ErrGone)
			gone := File{Name: f.Name, Size: f.Size, State: Failed}
			gone.Err = q.config.Words(ErrGone)
			merged = append(merged, gone)
		}
	}
	return append(merged, now[next:]...)
}

// isWithin says whether a name, or a folder that it is in, is one of names.
func isWithin(names map[string]bool, name string) bool {
	for {
		if names[name] {
			return true
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}
