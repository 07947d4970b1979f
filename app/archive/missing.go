package archive

import (
	"iter"
	"path"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Missing is something that was left out of an archive when it was made.
type Missing struct {
	Name   string // as that of its entry would be
	Reason string // for display
	// Folder says that it is a folder whose content could not be looked at: nobody
	// knows how many files that is.
	Folder bool
	// Kept says that the archive has what was under that name, or in the folder, at an
	// earlier time. It follows from what is in the archive.
	Kept bool
}

// The fields of what is missing, in the manifest.
const (
	missingNameField   = 1
	missingReasonField = 2
	missingFolderField = 3
)

// LeaveOut notes in the manifest that something is missing.
func (w *Writer) LeaveOut(m Missing) { w.missing = append(w.missing, m) }

// Missing is what LeaveOut has noted, with what has been committed.
func (w *Writer) Missing() []Missing {
	return withKept(w.missing, func(yield func(string) bool) {
		for i := range w.files {
			if !yield(w.files[i].Name) {
				return
			}
		}
	})
}

// Missing is what was left out when the archive was made, and has not been brought
// since, as far as that is known: a manifest that is damaged does not tell.
func (a *Archive) Missing() []Missing {
	if a.manifest == nil {
		return nil
	}
	return withKept(a.manifest.missing, func(yield func(string) bool) {
		for _, e := range a.entries {
			if !yield(e.Name) {
				return
			}
		}
	})
}

// withKept sets what is kept of what is missing, where there are entries of those names.
func withKept(missing []Missing, names iter.Seq[string]) []Missing {
	if len(missing) == 0 {
		return nil
	}
	there, folders := map[string]bool{}, map[string]bool{}
	for name := range names {
		there[name] = true
		for folder := path.Dir(name); folder != "." && !folders[folder]; folder = path.Dir(folder) {
			folders[folder] = true
		}
	}
	missing = slices.Clone(missing)
	for i, m := range missing {
		missing[i].Kept = m.Folder && folders[m.Name] || !m.Folder && there[m.Name]
	}
	return missing
}

func (m Missing) marshal() (b []byte) {
	b = protowire.AppendString(protowire.AppendTag(b, missingNameField, protowire.BytesType), m.Name)
	b = protowire.AppendString(protowire.AppendTag(b, missingReasonField, protowire.BytesType), m.Reason)
	if m.Folder {
		b = protowire.AppendVarint(protowire.AppendTag(b, missingFolderField, protowire.VarintType), 1)
	}
	return b
}

// parseMissing is the inverse of marshal. What is damaged is missing in it.
func parseMissing(b []byte) (m Missing) {
	_ = fields(b, func(field protowire.Number, number uint64, content []byte) {
		switch {
		case field == missingNameField && utf8.Valid(content):
			m.Name = string(content)
		case field == missingReasonField && utf8.Valid(content):
			m.Reason = string(content)
		case field == missingFolderField:
			m.Folder = number != 0
		}
	})
	return m
}
