//go:build !windows

package disk

import (
	"io/fs"
	"os"
)

// ModeBits are those of a mode that the system keeps.
const ModeBits = fs.ModePerm | SpecialBits

func rename(oldName, newName string) error { return os.Rename(oldName, newName) }

func remove(name string) error { return os.Remove(name) }

// RemoveAll is os.RemoveAll.
func RemoveAll(dir string) error { return os.RemoveAll(dir) }

func renameIn(r *os.Root, oldName, newName string) error { return r.Rename(oldName, newName) }

func removeIn(r *os.Root, name string) error { return r.Remove(name) }
