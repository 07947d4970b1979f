package ui

import (
	"slices"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/queue"
)

// node is a file or folder of an archive, as it is shown.
type node struct {
	name     string // the last element
	path     string // in the archive
	depth    int
	place    int // among what is in the same folder, in the archive
	parent   *node
	children []*node
	entry    *archive.Entry // nil of folders that the archive does not list
	folded   bool
	ticked   bool // of files: chosen by the user

	// Of the file, or of all files in the folder.
	files      int
	size       int64
	compressed int64
	totals     queue.Totals
	chosen     int // of the files
	failure    string
}

func (n *node) isFolder() bool {
	return n.entry == nil || n.entry.Kind == archive.KindFolder
}

// fault is why it failed, or "".
func (n *node) fault() string {
	switch {
	case n.failure != "":
		return n.failure
	case n.entry != nil && n.entry.Err != nil:
		return faultText(n.entry.Err)
	}
	return ""
}

// tree is what is in an archive.
type tree struct {
	root    *node
	byKey   map[string]*node
	sorting sorting // of what is in each folder
}

// newTree arranges the entries of an archive in their folders.
func newTree(entries []*archive.Entry) *tree {
	t := &tree{root: &node{depth: -1}, byKey: map[string]*node{}, sorting: sorting{by: noSort}}
	for _, e := range entries {
		n := t.at(e.Name)
		n.entry = e
	}
	t.root.sum()
	return t
}

// at returns the node of a path, and makes it and its folders where they are
// missing.
func (t *tree) at(path string) *node {
	if path == "" {
		return t.root
	}
	if n := t.byKey[path]; n != nil {
		return n
	}
	folder, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		folder, name = path[:i], path[i+1:]
	}
	parent := t.at(folder)
	n := &node{name: name, path: path, depth: parent.depth + 1, parent: parent, place: len(parent.children)}
	parent.children = append(parent.children, n)
	t.byKey[path] = n
	return n
}

// sum adds up what is in a folder.
func (n *node) sum() {
	if !n.isFolder() {
		f := n.entry.File
		n.files, n.size, n.compressed = 1, f.Size, f.Compressed
		n.totals = queue.TotalsOf(f)
		return
	}
	n.files, n.size, n.compressed, n.totals = 0, 0, 0, queue.Totals{}
	for _, c := range n.children {
		c.sum()
		n.files += c.files
		n.size += c.size
		n.compressed += c.compressed
		n.totals = n.totals.Plus(c.totals)
	}
}

// rows returns what is to be shown: what is not folded away or, if there is
// something to search for, all files whose path has it, with their folders.
func (t *tree) rows(search string) []*node {
	search = strings.ToLower(strings.TrimSpace(search))
	var rows []*node
	var visit func(n *node) bool
	visit = func(n *node) bool {
		place := len(rows)
		rows = append(rows, n)
		found := search == "" || !n.isFolder() && strings.Contains(strings.ToLower(n.path), search) ||
			n.isFolder() && strings.Contains(strings.ToLower(n.name), search)
		if search == "" && n.folded {
			return true
		}
		for _, c := range n.children {
			found = visit(c) || found
		}
		if !found {
			rows = rows[:place]
		}
		return found
	}
	for _, c := range t.root.children {
		visit(c)
	}
	return rows
}

// tick chooses a file, or all in a folder, or the opposite.
func (n *node) tick(on bool) {
	before := n.chosen
	n.setTicked(on)
	for p := n.parent; p != nil; p = p.parent {
		p.chosen += n.chosen - before
	}
}

func (n *node) setTicked(on bool) {
	n.ticked, n.chosen = on, 0
	if !n.isFolder() {
		if on {
			n.chosen = 1
		}
		return
	}
	for _, c := range n.children {
		c.setTicked(on)
		n.chosen += c.chosen
	}
}

// box is what the node's box shows.
func (n *node) box() check {
	switch {
	case n.chosen == 0 && !(n.ticked && n.files == 0):
		return unticked
	case n.chosen < n.files:
		return partly
	}
	return ticked
}

// names are the paths of what is chosen, whole folders by their own.
func (t *tree) names() []string {
	var names []string
	var visit func(n *node)
	visit = func(n *node) {
		if n.box() == ticked {
			names = append(names, n.path)
			return
		}
		for _, c := range n.children {
			visit(c)
		}
	}
	for _, c := range t.root.children {
		visit(c)
	}
	return slices.Clip(names)
}
