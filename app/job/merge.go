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
	entries map[string]int          // their numbers in the old archive, by name
	kinds   map[string]archive.Kind // of the entries of the old archive, and of those that have another name now
	sources map[string]item         // by their names
	before  []archive.Missing       // what was missing from the old archive
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

// gone adds those of the entries before number until that are gone from the disk.
func (m *merger) gone(until int) {
	for ; m.passed < until; m.passed++ {
		e := m.old.Entries()[m.passed]
		kind := kindOnDisk(e.Kind)
		if it, ok := m.sources[e.Name]; ok && it.kind == kind {
			continue
		}
		if !m.keeps(e.Name) {
			m.discarded = append(m.discarded, Step{Discard, e.Name, e.Kind, e.Size})
			continue
		}
		action := Keep
		if m.unknown(e.Name) {
			action = Retain
		}
		name := m.freeName(e.Name)
		m.items = append(m.items, item{path: name, name: name, kind: kind, old: e, take: true, gone: true, action: action})
	}
}

// keeps says whether an entry stays that is gone from the disk. What nobody could look
// at is not known to be.
func (m *merger) keeps(name string) bool {
	return !m.mirror || m.unknown(name)
}

// unknown says whether nobody could look at what is under a name now.
func (m *merger) unknown(name string) bool {
	unknown := func(missing archive.Missing) bool { return !NoFile(missing) && within(name, missing.Name) }
	return slices.ContainsFunc(m.missing, unknown) && m.replaced(name) == ""
}

// order moves what is to be a copy of an item that is taken over, or that mends it, behind
// that, and folders before what is in them.
func (u *update) order() {
	// Of both those that have not come yet: entries that are taken over under their own
	// names with the content that they hold, and folders.
	holds, folders := map[*archive.Entry]bool{}, map[string]item{}
	for _, it := range u.items {
		if it.kind == archive.KindFolder {
			folders[it.name] = it
		} else if it.unread(u.former.exact) && it.content() == it.old {
			holds[it.old] = true
		}
	}
	var ordered []item
	var folder func(name string) // and those that it lies in
	folder = func(name string) {
		if name == "." {
			return
		}
		folder(path.Dir(name))
		if it, ok := folders[name]; ok {
			delete(folders, name)
			ordered = append(ordered, it)
		}
	}
	behind := map[*archive.Entry][]item{}
	there, mended := map[string]bool{}, map[string][]item{} // by name, and by that of what mends them
	var put func(it item)                                   // and its copies
	put = func(it item) {
		folder(path.Dir(it.name))
		ordered = append(ordered, it)
		there[it.name] = true
		for _, it := range mended[it.name] {
			put(it)
		}
		if !it.unread(u.former.exact) {
			return
		}
		h := it.content()
		copies := behind[h]
		delete(holds, h)
		delete(behind, h)
		for _, it := range copies {
			put(it)
		}
	}
	for _, it := range u.items {
		switch {
		case it.kind == archive.KindFolder:
			folder(it.name)
		case it.mendedBy != "" && !there[it.mendedBy]:
			mended[it.mendedBy] = append(mended[it.mendedBy], it)
		case it.unread(u.former.exact) && it.content() != it.old && holds[it.content()]:
			behind[it.content()] = append(behind[it.content()], it)
		default:
			put(it)
		}
	}
	u.items = ordered
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
func (m *merger) remember() {
	for _, b := range m.before {
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

// outdated says whether what the archive has under a name was not brought up to date
// before, or lies in a folder that could not be looked into: its size and time tell nothing.
func (m *merger) outdated(name string) bool {
	return slices.ContainsFunc(m.before, func(before archive.Missing) bool { return within(name, before.Name) })
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
