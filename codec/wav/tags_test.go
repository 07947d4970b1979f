package wav_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"
)

// chunk returns a RIFF chunk, padded to an even length.
func chunk(id, body string) string {
	return id + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body + strings.Repeat("\x00", len(body)%2)
}

// broadcast returns the body of a bext chunk.
func broadcast() string {
	pad := func(s string, n int) string { return s + strings.Repeat("\x00", n-len(s)) }
	b := pad("Dawn chorus", 256) + pad("Recorder 7", 32) + pad("", 32) + "2024-05-01" + "04:30:00"
	b += "\x80\xbb\x00\x00\x01\x00\x00\x00" // 2^32 + 48000 samples
	return pad(b, 602) + "A=PCM,F=48000\r\n"
}

func TestTags(t *testing.T) {
	stereo := wav.Format{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}
	info := chunk("LIST", "INFO"+chunk("INAM", "Clair de lune\x00")+chunk("IART", "Debussy\x00\x00")+chunk("IEMP", "  \x00"))
	infoTags := []wav.Tag{{Name: "INAM", Text: "Clair de lune"}, {Name: "IART", Text: "Debussy"}}
	tests := []struct {
		name string
		head string // after "RIFF....WAVE"
		tail string
		want []wav.Tag
	}{
		{"none", "", "", nil},
		{"before the audio", info, "", infoTags},
		{"after the audio", "", info, infoTags},
		{"after an unknown chunk", chunk("abcd", "x") + info, "", infoTags},
		{"after a pad byte", "", "\x00" + info, infoTags},
		{"after a partial frame and a pad byte", "", "abc\x00" + info, infoTags},
		{"twice", info, info, append(slices.Clone(infoTags), infoTags...)},
		{"not after junk", "", "abcdefghijk" + info, nil},
		{"another list", chunk("LIST", "adtl"+chunk("labl", "text")), "", nil},
		{"UTF-8", chunk("LIST", "INFO"+chunk("IART", "Dvořák")), "", []wav.Tag{{Name: "IART", Text: "Dvořák"}}},
		{"Windows-1252", chunk("LIST", "INFO"+chunk("IART", "Saint-Sa\xebns\x00")), "", []wav.Tag{{Name: "IART", Text: "Saint-Saëns"}}},
		{"cut off", chunk("LIST", "INFO"+chunk("INAM", "Title")+"IART\xff\x00\x00\x00Debussy"), "", []wav.Tag{{Name: "INAM", Text: "Title"}}},
		{"no pad byte at the end", chunk("LIST", "INFO"+"INAM\x03\x00\x00\x00abc"), "", []wav.Tag{{Name: "INAM", Text: "abc"}}},
		{"beyond the end", info[:20], "", nil},
		{"broadcast", chunk("bext", broadcast()), "", []wav.Tag{
			{Name: "bext.Description", Text: "Dawn chorus"},
			{Name: "bext.Originator", Text: "Recorder 7"},
			{Name: "bext.OriginationDate", Text: "2024-05-01"},
			{Name: "bext.OriginationTime", Text: "04:30:00"},
			{Name: "bext.TimeReference", Text: "4295015296"},
			{Name: "bext.CodingHistory", Text: "A=PCM,F=48000"},
		}},
		{"short broadcast", chunk("bext", broadcast()[:260]), "", []wav.Tag{
			{Name: "bext.Description", Text: "Dawn chorus"},
			{Name: "bext.Originator", Text: "Reco"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			head := "RIFF\x00\x00\x00\x00WAVE" + test.head + "data\x00\x01\x00\x00"
			if got := stereo.Tags([]byte(head), []byte(test.tail)); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzTags(f *testing.F) {
	for _, c := range wavtest.Cases() {
		f.Add(c.Bytes, c.Bytes, 2)
	}
	f.Add([]byte("RIFF....WAVE"+chunk("bext", broadcast())), []byte(chunk("LIST", "INFO"+chunk("INAM", "x"))), 1)
	f.Fuzz(func(t *testing.T, head, tail []byte, channels int) {
		format := wav.Format{Channels: channels&0xFF | 1, SampleRate: 44100, ContainerBits: 16, ValidBits: 16}
		for _, tag := range format.Tags(head, tail) {
			if tag.Name == "" || tag.Text == "" || !utf8.ValidString(tag.Text) {
				t.Errorf("got %q", tag)
			}
		}
		for id, body := range format.Chunks(head, tail) {
			if len(id) != 4 || !bytes.Contains(head, body) && !bytes.Contains(tail, body) {
				t.Errorf("got a chunk %q of %d bytes that is not there", id, len(body))
			}
		}
	})
}
