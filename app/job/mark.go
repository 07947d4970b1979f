package job

import (
	"path"
	"strings"
	"unicode/utf8"

	"trilobyte/app/archive"
)

// longestName is how many bytes the name of a file may have within its folder, on most
// disks.
const longestName = 255

// marked returns the name of an entry with a mark in it: before the extension, unless it
// is that of a folder. Names that are too long for that are cut.
func marked(name, mark string, folder bool) string {
	dir, stem := path.Split(archive.RealName(name))
	extension := path.Ext(stem)
	if folder || len(mark)+len(extension) >= longestName {
		extension = ""
	}
	stem = strings.TrimSuffix(stem, extension)
	if most := longestName - len(mark) - len(extension); len(stem) > most {
		for most > 0 && !utf8.RuneStart(stem[most]) {
			most--
		}
		stem = stem[:most]
	}
	return archive.EscapeName(dir + stem + mark + extension)
}
