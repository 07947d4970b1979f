package ui

import (
	"cmp"
	"slices"
	"strings"

	"trilobyte/app/queue"
)

// sortKey is what a row is sorted by: a text, or a number.
type sortKey struct {
	text   string
	number float64
}

func (k sortKey) compare(o sortKey) int {
	return cmp.Or(cmp.Compare(k.number, o.number), strings.Compare(strings.ToLower(k.text), strings.ToLower(o.text)), strings.Compare(k.text, o.text))
}

// sortedBy returns the numbers from 0 to n-1, in the order of what they stand for.
func sortedBy(n int, s sorting, key func(i int) sortKey) []int {
	order := make([]int, n)
	keys := make([]sortKey, n)
	for i := range order {
		order[i] = i
		if s.by != noSort {
			keys[i] = key(i)
		}
	}
	if s.by == noSort {
		return order
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if s.down {
			a, b = b, a
		}
		return keys[a].compare(keys[b])
	})
	return order
}

// sizeKey is what column number column of sizeCells is sorted by.
func sizeKey(column int, original int64, s queue.Sizes) sortKey {
	saved, compared := s.Saved()
	if compared {
		original = s.Original
	}
	switch column {
	case 0:
		return sortKey{number: float64(original)}
	case 1:
		return sortKey{number: float64(s.FLAC)}
	case 2:
		return sortKey{number: float64(s.Trilobyte)}
	}
	if !compared {
		return sortKey{number: -1e9} // before all that are compared
	}
	return sortKey{number: saved}
}

// sortedJobs returns jobs in the order in which they are shown.
func (v *queueView) sortedJobs(ids []queue.ID) []queue.ID {
	s := v.list.sorting
	order := sortedBy(len(ids), s, func(i int) sortKey {
		j, _ := v.queue.Job(ids[i])
		switch s.by {
		case byName:
			return sortKey{text: jobName(j)}
		case 0:
			return sortKey{text: string(j.State)}
		}
		return sizeKey(s.by-1, j.Size, j.Sizes)
	})
	sorted := make([]queue.ID, len(ids))
	for i, n := range order {
		sorted[i] = ids[n]
	}
	return sorted
}

// sortedFiles returns the numbers of a job's files in the order in which they are shown.
func (v *queueView) sortedFiles(j queue.Job) []int {
	s := v.list.sorting
	return sortedBy(j.Files, s, func(i int) sortKey {
		f, _ := v.queue.FileAt(j.ID, i)
		switch s.by {
		case byName:
			return sortKey{text: f.Name}
		case 0:
			return sortKey{text: string(f.State)}
		}
		return sizeKey(s.by-1, f.Size, f.Sizes)
	})
}

// sort arranges what is in each folder.
func (t *tree) sort(s sorting) {
	if s == t.sorting {
		return
	}
	t.sorting = s
	t.root.sort(s)
}

func (n *node) sort(s sorting) {
	slices.SortFunc(n.children, func(a, b *node) int { return cmp.Compare(a.place, b.place) })
	order := sortedBy(len(n.children), s, func(i int) sortKey {
		c := n.children[i]
		switch s.by {
		case byName:
			return sortKey{text: c.name}
		case 0:
			if c.isFolder() {
				return sortKey{}
			}
			return sortKey{text: formatText(c.entry.File)}
		case 1:
			if c.isFolder() {
				return sortKey{}
			}
			return sortKey{number: c.entry.Duration().Seconds()}
		}
		if s.by == 4 && c.totals.Recordings == 0 {
			return sortKey{number: float64(c.compressed)}
		}
		return sizeKey(s.by-2, c.size, c.totals.Sizes)
	})
	children := make([]*node, len(order))
	for i, k := range order {
		children[i] = n.children[k]
	}
	n.children = children
	for _, c := range children {
		c.sort(s)
	}
}
