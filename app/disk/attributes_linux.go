package disk

import "strings"

// isUserAttribute says whether an attribute is one that users set: others belong to
// the system.
func isUserAttribute(name string) bool { return strings.HasPrefix(name, "user.") }
