package job

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// links finds files that are the same on the disk as others.
type links map[linkKey][]item

// linkKey is what can be seen quickly of a file, and is the same of all its links.
type linkKey struct {
	size, modified int64
}

// first returns the name of the first item that is the same file as the given one, or
// "": then that is the first one.
func (l links) first(it item) string {
	if !disk.MayHaveLinks(it.info) {
		return ""
	}
	key := linkKey{it.info.Size(), it.info.ModTime().UnixNano()}
	for _, other := range l[key] {
		if os.SameFile(other.info, it.info) {
			return other.name
		}
	}
	l[key] = append(l[key], it)
	return ""
}

// link says which files are to be hard links of others: those that are the same on the
// disk now, and those that were when they were archived, if one of the two is gone since.
func (u *update) link() {
	there := links{}
	passed := map[string]item{} // by name
	old := map[string]item{}    // by the name in the old archive
	for i := range u.items {
		it := &u.items[i]
		if it.kind != archive.KindFile {
			continue
		}
		var to item
		if !it.gone {
			to = passed[there.first(*it)]
		}
		if before, ok := old[it.oldLink()]; ok && to.name == "" && (it.gone || before.gone) {
			to = before
		}
		if sum := it.sum(); sum != "" && sum == to.sum() {
			it.link = cmp.Or(to.link, to.name)
		}
		passed[it.name] = *it
		if it.old != nil {
			old[it.old.Name] = *it
		}
	}
}

// oldLink is which entry an item was a hard link to, or "".
func (it item) oldLink() string {
	if it.old == nil {
		return ""
	}
	return it.old.HardLink
}

// sum is the SHA-256 of what is archived of a file, hexadecimal, as far as can be told
// before that is done, or "".
func (it item) sum() string {
	switch {
	case it.take || it.action == Retain || it.action == Repair:
		return it.content().SHA256
	case it.info != nil && it.info.Size() == 0:
		empty := sha256.Sum256(nil)
		return hex.EncodeToString(empty[:])
	}
	return ""
}
