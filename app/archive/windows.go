package archive

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckWindowsName returns why Windows cannot have a file of that name, or nil.
// Archives may have such names, from other systems; restored on Windows they
// would become devices, streams of other files, or files of other names
// (Microsoft: Naming Files, Paths, and Namespaces).
func CheckWindowsName(name string) error {
	if !utf8.ValidString(name) {
		return fmt.Errorf("on Windows no name has other bytes than UTF-8 (%q): restore it on another system", name)
	}
	for element := range strings.SplitSeq(name, "/") {
		if i := strings.IndexFunc(element, forbiddenOnWindows); i >= 0 {
			return fmt.Errorf("on Windows no name has %q in it (%s): restore it on another system", element[i], element)
		}
		if strings.HasSuffix(element, ".") || strings.HasSuffix(element, " ") {
			return fmt.Errorf("on Windows no name ends in a dot or a space (%q): restore it on another system", element)
		}
		if isDevice(element) {
			return fmt.Errorf("on Windows %s is the name of a device: restore it on another system", element)
		}
	}
	return nil
}

func forbiddenOnWindows(r rune) bool {
	const firstPrintable = 0x20
	return r < firstPrintable || strings.ContainsRune(`<>:"|?*\`, r)
}

// isDevice says whether Windows takes a name for a device, whatever its
// extension is.
func isDevice(element string) bool {
	base, _, _ := strings.Cut(element, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, ok := strings.CutPrefix(base, "COM")
	if !ok {
		number, ok = strings.CutPrefix(base, "LPT")
	}
	switch number {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return ok
	}
	return false
}
