package stream

import (
	"fmt"
	"strconv"
	"testing"

	"trilobyte/codec/formattext"
)

// TestHeadersAreThoseOfTheFormat compares the layout of headers, kinds and methods with FORMAT.md.
func TestHeadersAreThoseOfTheFormat(t *testing.T) {
	for _, h := range []struct {
		heading string
		size    int
	}{
		{"### Header", headerSize},
		{"### Usual head", usualHeadSize},
		{"### Record", recordHeaderSize},
	} {
		at := 0
		for _, row := range formattext.Read(t, h.heading).Rows() {
			if len(row) != 4 || row[1] == "" { // another table, or the payload
				break
			}
			size, err := strconv.Atoi(row[1])
			if err != nil {
				t.Fatal(err)
			}
			if row[0] != strconv.Itoa(at) {
				t.Errorf("%s: a field has the offset %s, want %d", h.heading, row[0], at)
			}
			at += size
		}
		if at != h.size {
			t.Errorf("%s: %d bytes, the code has %d", h.heading, at, h.size)
		}
	}
	header := formattext.Read(t, "### Header")
	header.Has(fmt.Sprintf("segment length x channels is at most %d", MaxSegmentSamples))
	header.Has(fmt.Sprintf("head size, at most %d;", maxHeadSize))
	header.Has(fmt.Sprintf("| 0 | 4 | bytes | `%s` (% x)", magic, magic))
	record := formattext.Read(t, "### Record")
	record.Has(fmt.Sprintf("%#x (`%c`) head, %#x (`%c`) segment, %#x (`%c`) tail",
		kindHead, kindHead, kindSegment, kindSegment, kindTail, kindTail))
	record.Has(fmt.Sprintf("the segment length for segments, %d for head and tail", pieceSize))
	for method, used := range map[int]string{methodStored: "all", methodDeflate: "head and tail", methodCoded: "segments"} {
		if row := record.Row(used); row[0] != strconv.Itoa(method) {
			t.Errorf("method %s is used for %s, in the code it is %d", row[0], used, method)
		}
	}
}
