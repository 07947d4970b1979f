package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"trilobyte/codec/recording"
)

// TestRemarksAreTranslated says all that can be said of a recording in German.
func TestRemarksAreTranslated(t *testing.T) {
	test.NewTempApp(t)
	loadWords(languageGerman)
	t.Cleanup(func() { loadWords(languageEnglish) })
	var notes []string
	for _, kind := range []recording.NoteKind{recording.Length, recording.LengthUnknown, recording.FrameSize, recording.ValidBits, recording.SampleRate,
		recording.ChunkSize, recording.PadByte, recording.FormatBehind, recording.PartialFrame, recording.Front, recording.Trailing,
		recording.Joined, recording.TooManyChunks, recording.Checksum} {
		for _, declared := range []int64{-1, 3, 7} {
			notes = append(notes, recording.Note{Kind: kind, Declared: declared, Found: 5, Rate: 8000, Name: "ABCD"}.String())
		}
	}
	for _, kind := range []recording.ReasonKind{recording.Compressed, recording.Irreversible, recording.Unsupported, recording.DSD, recording.UnknownCoding,
		recording.BadChannels, recording.BadFormat, recording.NoFormat, recording.NoAudio, recording.TooManySpans, recording.NotRecording} {
		for _, name := range []string{"", "ABCD"} {
			if name == "" && kind != recording.NotRecording {
				continue // has one
			}
			notes = append(notes, recording.Reason{Kind: kind, Name: name, Detail: "EFGH", Figure: 7}.String())
		}
	}
	for _, note := range notes {
		german := remarkText(note + "; and 3 things more")
		for _, word := range strings.Fields(german) {
			switch word {
			case "it", "its", "of", "there", "the", "says", "and", "things":
				t.Errorf("%q is said as %q", note, german)
			}
		}
	}
	if got := remarkText("its header says 2 s, there are only 1 s; there is no audio in it"); got != "laut Kopf sind es 2 s, da sind nur 1 s; es ist kein Ton darin" {
		t.Errorf("got %q", got)
	}
}
