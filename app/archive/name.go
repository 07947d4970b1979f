package archive

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Extension is how the names of archives end.
const Extension = ".trilobyte"

// Names of the entries that are not the user's.
const (
	reservedFolder = ".trilobyte"
	manifestName   = reservedFolder + "/manifest"
	modelName      = reservedFolder + "/model"

	// maxNameLength is in bytes. No system opens longer names, and going down
	// thousands of folders takes long.
	maxNameLength = 1<<12 - 1
)

// isOwn says whether an entry of that name is the archive's own.
func isOwn(name string) bool { return name == manifestName || name == modelName }

// CheckName returns why name cannot be the name of an entry, or nil. Names are
// relative to the folder that the archive is restored into, with slashes, in
// UTF-8, without the slash at the end that ZIP gives to folders, and with what
// names in archives cannot have as EscapeName has it.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("its name is empty")
	case !utf8.ValidString(name):
		return fmt.Errorf("its name is not valid UTF-8 (%q)", name)
	case len(name) > maxNameLength:
		return fmt.Errorf("its name is longer than %d bytes", maxNameLength)
	case strings.ContainsRune(name, 0):
		return errors.New("its name contains a NUL character")
	case strings.Contains(name, `\`):
		return errors.New(`its name contains a backslash, which means a folder on other systems`)
	case strings.HasPrefix(name, "/"):
		return errors.New("its name is an absolute path")
	case hasDriveLetter(name):
		return errors.New("its name begins with a drive letter")
	}
	for element := range strings.SplitSeq(name, "/") {
		switch element {
		case "..":
			return errors.New(`its name contains "..", which leads out of the folder`)
		case "", ".":
			return errors.New("its name contains an empty folder name")
		}
	}
	if first, _, _ := strings.Cut(name, "/"); strings.EqualFold(first, reservedFolder) {
		return fmt.Errorf("the name %s is taken by the archive itself", reservedFolder)
	}
	if EscapeName(RealName(name)) != name {
		return errors.New("its name has an escape that no archive needs")
	}
	return nil
}

func hasDriveLetter(name string) bool {
	if len(name) < 2 || name[1] != ':' {
		return false
	}
	letter := name[0] | 0x20
	return 'a' <= letter && letter <= 'z'
}

var errMiddle = errors.New(`it is a link with ".." in the middle`)

// CheckLink returns why a symbolic link of the given name leads, with the given
// target, out of the folder that the archive is restored into, or may do so, or nil.
// Such links are made only if the user asks for them. Entry.CheckLink knows more.
//
// "../" is allowed only at the beginning: the folders that a link lies in are
// real ones, so going up from it is harmless, while "x/.." may lead anywhere
// if x is a link itself.
func CheckLink(name, target string) error {
	switch {
	case target == "":
		return errors.New("it is a link to nowhere")
	case strings.ContainsRune(target, 0):
		return errors.New("it is a link to a name with a NUL character")
	case strings.HasPrefix(target, "/") || hasDriveLetter(target):
		return fmt.Errorf("it is a link to an absolute path (%s)", target)
	}
	depth := strings.Count(name, "/")
	rest := target
	for strings.HasPrefix(rest, "../") || rest == ".." {
		depth--
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, ".."), "/")
	}
	if depth < 0 {
		return fmt.Errorf("it is a link that points outside (to %s)", target)
	}
	for element := range strings.SplitSeq(rest, "/") {
		if element == ".." {
			return fmt.Errorf("%w (to %s)", errMiddle, target)
		}
	}
	return nil
}

// CheckLink is CheckLink of the entry's name, but for folders of the archive: as they are
// no links, going up from them is harmless, too.
func (e *Entry) CheckLink(target string) error {
	err := CheckLink(e.Name, target)
	if err == nil || !errors.Is(err, errMiddle) {
		return err
	}
	elements, last := strings.Split(target, "/"), 0
	for i, element := range elements {
		if element == ".." {
			last = i
		}
	}
	at := path.Dir(RealName(e.Name))
	for i, element := range elements[:last+1] {
		if element == ".." && at == "." {
			return err
		}
		at = path.Join(at, element)
		kind, there := e.archive.names[EscapeName(at)]
		if real := at == "." || there && (kind == KindFolder || kind == impliedFolder); i < last && !real {
			return err
		}
	}
	return nil
}

// tree finds names that exclude each other. It maps a name to its kind, which
// is impliedFolder for folders that have no entry but contain others.
type tree map[string]Kind

const impliedFolder Kind = ""

// check returns why an entry cannot be there beside those added before, or nil.
func (t tree) check(name string, kind Kind) error {
	if there, ok := t[name]; ok && !(there == impliedFolder && kind == KindFolder) {
		return errors.New("the archive has another file of the same name")
	}
	for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
		if there, ok := t[parent]; ok && there != KindFolder && there != impliedFolder {
			return fmt.Errorf("it lies inside %s, which is a %s", parent, there)
		}
	}
	return nil
}

// add adds an entry that check allows.
func (t tree) add(name string, kind Kind) {
	for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
		if _, ok := t[parent]; ok {
			break
		}
		t[parent] = impliedFolder
	}
	t[name] = kind
}
