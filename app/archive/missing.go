package archive

import (
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
}

// The fields of what is missing, in the manifest.
const (
	missingNameField   = 1
	missingReasonField = 2
	missingFolderField = 3
)

// LeaveOut notes in the manifest that something is missing.
func (w *Writer) LeaveOut(m Missing) { w.missing = append(w.missing, m) }

// Missing is what was left out when the archive was made, and has not been brought
// since, as far as that is known: a manifest that is damaged does not tell.
func (a *Archive) Missing() []Missing {
	if a.manifest == nil {
		return nil
	}
	return a.manifest.missing
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
