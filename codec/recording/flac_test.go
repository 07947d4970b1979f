package recording_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/recording"
)

// flacHead is what stands before the frames of a FLAC file of that many channels,
// with one block of type 4.
func flacHead(channels int, comments string) []byte {
	info := make([]byte, 34)
	info[12] = byte(channels-1) << 1
	b := append([]byte("fLaC\x00\x00\x00\x22"), info...)
	b = append(b, 0x84, 0, 0, byte(len(comments)))
	return append(b, comments...)
}

func TestTagsOfFLACFiles(t *testing.T) {
	const vendor = "\x01\x00\x00\x00v"
	tests := []struct {
		name     string
		file     []byte
		want     []recording.Tag
		speakers uint32
	}{
		{"no comments", flacHead(1, vendor+"\x00\x00\x00\x00"), nil, 0},
		{"comments", flacHead(3, vendor+"\x03\x00\x00\x00\x07\x00\x00\x00title=T\x05\x00\x00\x00nameX\x06\x00\x00\x00A=B=\xe4 "),
			[]recording.Tag{{Name: "flac.TITLE", Text: "T"}, {Name: "flac.A", Text: "B=ä"}}, 7},
		{"speakers", flacHead(2, vendor+"\x01\x00\x00\x00\x27\x00\x00\x00WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x600"), nil, 0x600},
		{"cut off", flacHead(8, vendor+"\x02\x00\x00\x00\x03\x00\x00\x00A=B\xff\xff\xff\xffC=D"),
			[]recording.Tag{{Name: "flac.A", Text: "B"}}, 0x63F},
		{"no vendor", flacHead(1, "\xff\xff\xff\xff"), nil, 0},
		{"ends within a block", flacHead(1, vendor+"\x01\x00\x00\x00\x03\x00\x00\x00A=B")[:48], nil, 0},
	}
	for _, test := range tests {
		m, err := recording.Tags(bytes.NewReader(test.file), int64(len(test.file)), nil)
		if err != nil || !slices.Equal(m.Tags, test.want) || m.Speakers != test.speakers {
			t.Errorf("%s: got %+v, %v", test.name, m, err)
		}
	}
	many := vendor + "\xff\xff\xff\xff" + strings.Repeat("\x03\x00\x00\x00A=B", 30)
	m, err := recording.Tags(bytes.NewReader(flacHead(1, many)), int64(len(flacHead(1, many))), nil)
	if err != nil || len(m.Tags) != 30 {
		t.Errorf("%d tags of 30, %v", len(m.Tags), err)
	}
}

func FuzzFLAC(f *testing.F) {
	const vendor = "\x01\x00\x00\x00v"
	f.Add(flacHead(2, vendor+"\x02\x00\x00\x00\x03\x00\x00\x00A=B\x27\x00\x00\x00WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x600"))
	f.Add(append([]byte(id3(4, frame("TIT2", "\x03Ein Titel"))), flacHead(6, vendor+"\xff\xff\xff\xff")...))
	fuzz(f, "flac")
}
