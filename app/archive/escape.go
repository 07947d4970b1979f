package archive

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// EscapeName returns the name of an entry for a file, whose name on the disk may have
// what names in archives do not: bytes that are not UTF-8, backslashes, a drive letter
// or the archive's own folder at its beginning. Each such byte becomes a percent sign
// with its two hexadecimal digits, and so does a percent sign that two such digits
// follow. RealName is the inverse.
func EscapeName(real string) string {
	var b strings.Builder
	for i := 0; i < len(real); {
		r, size := utf8.DecodeRuneInString(real[i:])
		if r == utf8.RuneError && size == 1 || r == '\\' || r == '%' && isEscape(real[i:]) || isTaken(real, i) {
			fmt.Fprintf(&b, "%%%02X", real[i])
			i++
			continue
		}
		b.WriteString(real[i : i+size])
		i += size
	}
	return b.String()
}

// isTaken says whether the byte at i would make of a name one that means something
// else in archives.
func isTaken(real string, i int) bool {
	first, _, _ := strings.Cut(real, "/")
	return i == 1 && hasDriveLetter(real) || i == 0 && strings.EqualFold(first, reservedFolder)
}

// isEscape says whether a percent sign and two hexadecimal digits begin a text.
func isEscape(text string) bool {
	return len(text) > 2 && text[0] == '%' && isDigit(text[1]) && isDigit(text[2])
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' || 'A' <= b && b <= 'F' }

// RealName returns the name on the disk for the name of an entry that passes
// CheckName.
func RealName(name string) string {
	if !strings.Contains(name, "%") {
		return name
	}
	value := func(b byte) byte {
		if b <= '9' {
			return b - '0'
		}
		return b - 'A' + 10
	}
	var real []byte
	for i := 0; i < len(name); i++ {
		if isEscape(name[i:]) {
			real = append(real, value(name[i+1])<<4|value(name[i+2]))
			i += 2
			continue
		}
		real = append(real, name[i])
	}
	return string(real)
}
