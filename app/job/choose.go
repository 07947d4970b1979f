package job

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"trilobyte/app/archive"
)

// choose returns the entries that the user has named, and reports names that
// the archive does not have.
func choose(a *archive.Archive, names []string, r *report) []*archive.Entry {
	entries := a.Entries()
	if len(names) == 0 {
		return entries
	}
	chosen := map[*archive.Entry]bool{}
	for _, name := range names {
		found := false
		for _, e := range entries {
			if named(e.Name, name) {
				chosen[e], found = true, true
			}
		}
		if !found {
			r.failed(cmp.Or(name, "."), notInArchive(a, name))
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e *archive.Entry) bool { return !chosen[e] })
}

// missingAmong returns what is missing of what the user has named.
func missingAmong(all []archive.Missing, names []string) []archive.Missing {
	if len(names) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(m archive.Missing) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return named(m.Name, name) })
	})
}

// notInArchive is the error of a name that an archive does not have, with the reason if it
// was left out.
func notInArchive(a *archive.Archive, name string) error {
	name = path.Clean(name)
	for _, m := range a.Missing() {
		if named(m.Name, name) || m.Folder && (within(name, m.Name) || within(archive.EscapeName(name), m.Name)) {
			return fmt.Errorf("%w: %s was left out when it was made (%s)", ErrNotInArchive, m.Name, m.Reason)
		}
	}
	return ErrNotInArchive
}

// named says whether what has a name in an archive is, or lies in, what a user has named,
// by its name in the archive or on the disk.
func named(name, given string) bool {
	given = path.Clean(given)
	return within(name, given) || within(name, archive.EscapeName(given))
}

// within says whether name is folder or lies in it.
func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}
