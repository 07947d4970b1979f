package job

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"trilobyte/app/archive"
)

// merger puts the items of an archive that is updated into their order: that of the
// sources, and each that is gone from the disk behind what it followed before.
type merger struct {
	*update
	entries map[string]int          // numbers in the old archive, of those that no source has the name of
	kinds   map[string]archive.Kind // of the entries of the old archive, and of those that have another name now
	sources map[string]item         // by their names
	mirror  bool
	passed  int // how many entries of the old archive have been looked at
}

// kindOnDisk is the kind that the item of an entry has.
func kindOnDisk(k archive.Kind) archive.Kind {
	if k == archive.KindRecording {
		return archive.KindFile
	}
	return k
}

func (m *merger) add(it item) {
	step := Step{Add, it.name, it.kind, it.size()}
	if it.old != nil {
		step.Action = Change
	}
	if it.take {
		step.Action = Same
	}
	m.items, m.steps = append(m.items, it), append(m.steps, step)
}

// gone adds those of the entries before number until that are gone from the disk.
func (m *merger) gone(until int) {
	for ; m.passed < until; m.passed++ {
		e := m.old.Entries()[m.passed]
		kind := kindOnDisk(e.Kind)
		if it, ok := m.sources[e.Name]; ok && it.kind == kind {
			continue
		}
		if !m.keeps(e.Name) {
			m.steps = append(m.steps, Step{Discard, e.Name, e.Kind, e.Size})
			continue
		}
		name := m.freeName(e.Name)
		m.steps = append(m.steps, Step{Keep, name, e.Kind, e.Size})
		m.items = append(m.items, item{path: name, name: name, kind: kind, old: e, take: true, gone: true})
	}
}

// keeps says whether an entry stays that is gone from the disk. What nobody could look
// at is not known to be.
func (m *merger) keeps(name string) bool {
	if !m.mirror {
		return true
	}
	unknown := func(missing archive.Missing) bool { return within(name, missing.Name) }
	return slices.ContainsFunc(m.missing, unknown) && m.replaced(name) == ""
}

// replaced returns which of the folders that an entry lies in, or the entry itself, has
// something of another kind in its place now, or "".
func (m *merger) replaced(name string) string {
	found := ""
	kind := m.kinds[name]
	for ; name != "."; name, kind = path.Dir(name), archive.KindFolder {
		if it, ok := m.sources[name]; ok && it.kind != kind {
			found = name
		}
	}
	return found
}

// freeName returns the name that an entry is kept under, which is gone from the disk: its
// own, unless something of another kind has that now, or that of a folder that it lies in.
func (m *merger) freeName(name string) string {
	replaced := m.replaced(name)
	if replaced == "" {
		return name
	}
	free, ok := m.renamed[replaced]
	if !ok {
		free = m.markGone(replaced, replaced != name || m.kinds[name] == archive.KindFolder)
		m.kinds[free] = "" // is taken
		m.renamed[replaced] = free
	}
	free += strings.TrimPrefix(name, replaced)
	m.renamed[name] = free
	return free
}

// markGone returns a name that nothing has, and that says of what has had the given one
// that it is gone.
func (m *merger) markGone(name string, folder bool) string {
	for n := 1; ; n++ {
		mark := " (gone)"
		if n > 1 {
			mark = fmt.Sprintf(" (gone %d)", n)
		}
		free := marked(name, mark, folder)
		_, source := m.sources[free]
		if _, before := m.kinds[free]; !before && !source {
			return free
		}
	}
}

// remember adds what was missing before, and is not brought now. What has gone from the
// disk since will never be.
func (m *merger) remember(before []archive.Missing) {
	for _, b := range before {
		_, brought := m.sources[b.Name]
		again := slices.ContainsFunc(m.missing, func(n archive.Missing) bool { return n.Name == b.Name })
		switch {
		case brought || again:
		case m.looked(b.Name):
			m.vanished = append(m.vanished, b)
		default:
			m.missing = append(m.missing, b)
		}
	}
}

// looked says whether it is known what is under a name on the disk now: if it lies in a
// folder that is a source, and could be looked into.
func (m *merger) looked(name string) bool {
	if slices.ContainsFunc(m.missing, func(n archive.Missing) bool { return within(name, n.Name) }) {
		return false
	}
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if _, ok := m.sources[folder]; ok {
			return true
		}
	}
	return false
}
