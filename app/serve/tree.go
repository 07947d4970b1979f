package serve

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"trilobyte/app/archive"
	"trilobyte/app/content"
)

// node is a folder or a file that is served.
type node struct {
	name     string        // within its folder; "" of the root
	path     string        // from the root on, with slashes before all names
	file     *archive.File // nil of folders
	held     string        // name in the archive of the file to read
	archive  *content.Archive
	modified time.Time
	children map[string]*node // of a folder
	listed   []*node          // the same, folders first, by name
}

// folder reports whether the node is one.
func (n *node) folder() bool { return n.file == nil }

// find returns what is at a path, or nil.
func (n *node) find(p string) *node {
	for name := range strings.SplitSeq(p, "/") {
		if name == "" {
			continue
		}
		if n = n.children[name]; n == nil {
			return nil
		}
	}
	return n
}

// newFolder returns a folder.
func newFolder(name, p string) *node {
	return &node{name: name, path: p, children: map[string]*node{}}
}

// child returns a folder in a folder, which is made if it is not there.
func (n *node) child(name string) *node {
	c := n.children[name]
	if c == nil {
		c = newFolder(name, n.path+"/"+name)
		n.children[name] = c
	}
	return c
}

// grow adds what is in an archive. Links to files are served as these.
func (n *node) grow(a *content.Archive) {
	files := a.Files()
	byName := map[string]*archive.File{} // by their names on the disk
	for i := range files {
		byName[archive.RealName(files[i].Name)] = &files[i]
	}
	folders := map[string]*node{".": n}
	// Those that nobody could write the names of come last, when it is known which are
	// free.
	for _, odd := range []bool{false, true} {
		for i := range files {
			f := &files[i]
			if _, ok := shown(f.Name); ok == odd {
				continue
			}
			if f.Kind == archive.KindFolder {
				within(folders, f.Name).modified = f.ModTime()
			} else if held := follow(byName, f); held != nil { // it leads to a file
				folder := within(folders, path.Dir(f.Name))
				name, _ := shown(path.Base(f.Name))
				name = folder.free(name)
				folder.children[name] = &node{
					name: name, path: folder.path + "/" + name, file: held, held: held.Name, archive: a, modified: held.ModTime(),
				}
			}
		}
	}
}

// shown is the name of an entry as it was on the disk, or as it is in the archive if
// that is no text.
func shown(name string) (text string, ok bool) {
	real := archive.RealName(name)
	if utf8.ValidString(real) && strings.IndexFunc(real, unicode.IsControl) < 0 {
		return real, true
	}
	return name, real == name
}

// within returns the folder of that name in the archive, which is made if it is not
// there.
func within(folders map[string]*node, name string) *node {
	folder := folders[name]
	if folder == nil {
		parent := within(folders, path.Dir(name))
		text, _ := shown(path.Base(name))
		folder = parent.child(parent.free(text))
		folders[name] = folder
	}
	return folder
}

// follow returns what a link leads to, or the file itself; nil if that is no file.
func follow(files map[string]*archive.File, f *archive.File) *archive.File {
	const most = 8 // links, one behind the other
	for range most {
		switch {
		case f == nil || f.Kind == archive.KindFolder:
			return nil
		case f.Kind != archive.KindLink:
			return f
		}
		f = files[path.Join(path.Dir(archive.RealName(f.Name)), archive.RealName(f.Target))]
	}
	return nil
}

// sort lists the children of all folders.
func (n *node) sort() {
	for _, c := range n.children {
		n.listed = append(n.listed, c)
		c.sort()
	}
	slices.SortFunc(n.listed, func(a, b *node) int {
		if a.folder() != b.folder() {
			if a.folder() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
}

// free returns a name that is not taken in a folder.
func (n *node) free(name string) string {
	for i, wanted := 2, name; n.children[name] != nil; i++ {
		name = fmt.Sprintf("%s (%d)", wanted, i)
	}
	return name
}
