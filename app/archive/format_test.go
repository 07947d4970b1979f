package archive

import (
	"fmt"
	"slices"
	"testing"

	"trilobyte/codec/formattext"
)

// TestTheManifestIsThatOfTheFormat compares the columns of the manifest, in their order, and the method of recordings with
// FORMAT-archive.md.
func TestTheManifestIsThatOfTheFormat(t *testing.T) {
	var listed, want []string
	for _, row := range formattext.Read(t, "## Manifest").Rows() {
		if len(row) == 4 {
			listed = append(listed, row[0]+" "+row[1])
		}
	}
	for _, c := range slices.Concat(columns, memberColumns) {
		want = append(want, fmt.Sprintf("%d `%s`", c.field, c.name))
	}
	if !slices.Equal(listed, want) {
		t.Errorf("FORMAT-archive.md lists the columns %q, the code has %q", listed, want)
	}
	formattext.Read(t, "## Entries").Has(fmt.Sprintf("%d (0x%X, `TB`)", Method, Method))
	formattext.Read(t, "## Entries").Has(fmt.Sprintf("%d (0x%X, `TS`)", methodBundle, methodBundle))
	formattext.Read(t, "## Bundles").Has(fmt.Sprintf("at most %d of them", mostMembers))
	formattext.Read(t, "## Bundles").Has(fmt.Sprintf("that has %d compressed bytes", fullBundle))
	formattext.Read(t, "## Manifest").Has(fmt.Sprintf("format version of the archive: %d |", Version))
}
