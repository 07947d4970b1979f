//go:build darwin || freebsd

package disk

// isUserAttribute says whether an attribute is one that users set, among them the
// Finder's tags. The system makes com.apple.provenance itself.
func isUserAttribute(name string) bool { return name != "com.apple.provenance" }
