package stream

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"trilobyte/codec/formattext"
)

// TestHeadersAreThoseOfTheFormat compares the layout of headers, kinds and methods with FORMAT.md.
func TestHeadersAreThoseOfTheFormat(t *testing.T) {
	at := 0
	for _, row := range formattext.Read(t, "### Usual head").Rows() {
		size, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		if row[0] != strconv.Itoa(at) {
			t.Errorf("a field of the usual head has the offset %s, want %d", row[0], at)
		}
		at += size
	}
	if at != usualHeadSize {
		t.Errorf("the usual head has %d bytes, the code has %d", at, usualHeadSize)
	}
	header := formattext.Read(t, "### Header")
	header.Has(fmt.Sprintf("format version: %d |", Version))
	header.Has(fmt.Sprintf("size of the body, n: at most %d bytes", maxHeaderSize))
	header.Has(fmt.Sprintf("spans of up to %d bytes", shortSize))
	header.Has(fmt.Sprintf("at most %d x channels x frames", maxFLACBytes))
	header.Has(fmt.Sprintf("at most %d samples, over all channels", MaxSegmentSamples))
	header.Has(fmt.Sprintf("%d x n + format version", 1<<versionBits))
	for tag, what := range map[int]string{keptSpan: "kept, in pieces", shortSpan: "kept, short", usualSpan: "usual head", flacSpan: "FLAC frames", referenceSpan: "reference"} {
		if row := header.Row(what); row[0] != strconv.Itoa(tag) {
			t.Errorf("%s has the byte %s, in the code it is %d", what, row[0], tag)
		}
	}
	last := len(sampleRates) - 1
	var rates []string
	for _, rate := range sampleRates[:last] {
		rates = append(rates, strconv.Itoa(int(rate)))
	}
	text := fmt.Sprintf("The numbers 1 to %d stand for %s and %d Hz", last+1, strings.Join(rates, ", "), sampleRates[last])
	header.Has(text)
	record := formattext.Read(t, "### Record")
	record.Has(fmt.Sprintf("0x%X + method", recordTag))
	record.Has(fmt.Sprintf("a record for each %d bytes", pieceSize))
	for method, used := range map[int]string{
		methodStored: "all", methodDeflate: "pieces", methodCoded: "other segments", methodFLAC: "segments of FLAC frames", methodFrames: "other segments of 1 to 8 channels, but for floats", methodReferred: "segments of spans that are references",
	} {
		if row := record.Row(used); row[0] != strconv.Itoa(method) {
			t.Errorf("method %s is used for %s, in the code it is %d", row[0], used, method)
		}
	}
	formattext.Read(t, "### Decoding, damage and safety").Has(fmt.Sprintf("fewer bytes than %d for each record", minRecordHeader))
}
