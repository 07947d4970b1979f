package stream_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/codec/wav/wavtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds streams against files that were written when their version was
// published: they must decode for ever, and those of the version that is still made for
// their WAV file be made in the same way.
func TestGolden(t *testing.T) {
	for _, c := range wavtest.Cases() {
		switch c.Name {
		case "metadata-before-and-after", "odd-length-padded-then-list", "empty-data", "one-sample":
		default:
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			first := filepath.Join("testdata", "golden", c.Name+".stream")
			path, made := first, encode(t, c.Bytes)
			if made[4] > 1 {
				path = filepath.Join("testdata", "golden-2", c.Name+".stream")
			}
			if *update {
				if path == first {
					t.Fatal("what version 1 was is not written anew")
				}
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
			for _, path := range []string{first, path} {
				golden, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if file, err := decode(golden); err != nil || !bytes.Equal(file, c.Bytes) {
					t.Errorf("%s does not decode to its file: %v", path, err)
				}
			}
		})
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

// TestFormatExample makes sure that the example of the specification is true.
func TestFormatExample(t *testing.T) {
	file := hexDump(t, "The WAV file, 46 bytes:")
	want := hexDump(t, "Its stream of version 2, 134 bytes:")
	if got := encode(t, file); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	for _, stream := range [][]byte{want, hexDump(t, "Its stream of version 1, as earlier encoders wrote it, 206 bytes:")} {
		if back, err := decode(stream); err != nil || !bytes.Equal(back, file) {
			t.Errorf("got %x, %v; want %x", back, err, file)
		}
	}
}
