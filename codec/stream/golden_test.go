package stream_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/codec/recording/recordingtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds streams against files that were written when their version was
// published: they must decode for ever, and be made in the same way.
func TestGolden(t *testing.T) {
	sequential(t)
	golden := map[string]bool{}
	for _, name := range []string{
		"one-sample", "metadata-before-and-after", "odd-length-padded-then-list", "two-files-joined", "large-metadata-before",
		"rate-4294967295", "extensible-20-in-24", "255-channels", "aiff-in-macbinary", "au-int-2-big-endian", "aifc-int-1",
		"caf-alaw-1", "w64-mulaw-1", "rifx-float-8-big-endian", "wav-float-4",
	} {
		golden[name] = false
	}
	for _, c := range recordingtest.Cases() {
		if _, ok := golden[c.Name]; !ok {
			continue
		}
		golden[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			path := filepath.Join("testdata", "golden", c.Name+".stream")
			made := encode(t, c.Bytes)
			if *update {
				if err := os.WriteFile(path, made, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(made, golden) {
				t.Errorf("the stream made now (%d bytes) differs from %s (%d bytes)", len(made), path, len(golden))
			}
			if file, err := decode(golden); err != nil || !bytes.Equal(file, c.Bytes) {
				t.Errorf("%s does not decode to its file: %v", path, err)
			}
		})
	}
	for name, there := range golden {
		if !there {
			t.Errorf("there is no case %s", name)
		}
	}
}

// hexDump returns the bytes of the indented dump that follows a line in
// codec/FORMAT.md: hexadecimal bytes, with a remark after two spaces.
func hexDump(t *testing.T, line string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "FORMAT.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n"+line+"\n\n")
	if !found {
		t.Fatalf("codec/FORMAT.md has no line %q", line)
	}
	dump, _, _ := strings.Cut(after, "\n\n")
	var digits strings.Builder
	for row := range strings.Lines(dump) {
		data, _, _ := strings.Cut(strings.TrimSpace(row), "  ")
		digits.WriteString(strings.ReplaceAll(data, " ", ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFormatExamples makes sure that the examples of the specification are true.
func TestFormatExamples(t *testing.T) {
	for file, encoded := range map[string]string{
		"The WAV file, 46 bytes:": "Its stream, 22 bytes:",
		"The WAV file, 56 bytes:": "Its stream, 51 bytes:",
	} {
		original, want := hexDump(t, file), hexDump(t, encoded)
		if got := encode(t, original); !bytes.Equal(got, want) {
			t.Errorf("%s got %x, want %x", file, got, want)
		}
		if back, err := decode(want); err != nil || !bytes.Equal(back, original) {
			t.Errorf("%s got %x, %v; want %x", encoded, back, err, original)
		}
	}
}
