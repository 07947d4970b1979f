package archive

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/formattext"
)

// members returns the names of a type's members in JSON.
func members(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, "`"+name+"`")
		}
	}
	return names
}

// TestTheManifestIsThatOfTheFormat compares the members of the manifest, in their order, and the method of WAV files with
// FORMAT.md.
func TestTheManifestIsThatOfTheFormat(t *testing.T) {
	var listed []string
	for _, row := range formattext.Read(t, "### Manifest").Rows() {
		listed = append(listed, row[0])
	}
	want := append(members(reflect.TypeFor[manifest]()), members(reflect.TypeFor[File]())...)
	if !slices.Equal(listed, want) {
		t.Errorf("FORMAT.md lists the members %q, the code has %q", listed, want)
	}
	formattext.Read(t, "### Entries").Has(fmt.Sprintf("%d (0x%X, `TB`)", Method, Method))
	formattext.Read(t, "### Manifest").Has(fmt.Sprintf("format version of the archive: %d |", Version))
}
