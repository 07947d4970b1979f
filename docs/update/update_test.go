package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const figures = `{"event":"setup","system":"linux/amd64","processor":"A Processor","coders":[{"coder":"FLAC -8","made_by":"this|that"}]}
{"event":"file","class":"8bit","name":"song_8bit.wav","coder":"FLAC -8","sample_rate":44100,"bits":8,"channels":1,"files":1,"raw":2000,"bytes":1000,"flac":1000,"compared":1000}
{"event":"file","class":"8bit","name":"song_8bit.wav","coder":"Trilobyte","sample_rate":44100,"bits":8,"channels":1,"files":1,"raw":2000,"bytes":600,"flac":1000,"compared":600,"audio_seconds":3,"ratio":0.6,"encode_speed":2.5,"decode_speed":12.6}
{"event":"file","class":"8bit","name":"song_8bit.wav","coder":"flac -5 (tool)","sample_rate":44100,"bits":8,"channels":1,"files":1,"raw":2000,"bytes":1200,"flac":1000,"compared":1200}
{"event":"file","class":"bio","name":"song.wav","coder":"Trilobyte","sample_rate":22050,"bits":16,"channels":1,"files":1,"raw":3000000,"bytes":1234567,"flac":0}
{"event":"class","class":"8bit","coder":"Trilobyte","of":1,"files":1,"raw":2000,"bytes":600,"flac":1000,"compared":600,"bits_per_sample":4.5678,"ratio":0.6,"encode_speed":2.5,"decode_speed":12.6,"memory":1500000}
{"event":"class","class":"8bit","coder":"Sac","of":1}
{"event":"total","class":"","coder":"Trilobyte","of":2,"files":2,"raw":3002000,"bytes":1235167,"flac":1000,"ratio":0.6}
`

func TestUpdateRewritesTheSectionsAndNothingElse(t *testing.T) {
	tests := []struct {
		section string
		want    []string
	}{
		{"setup", []string{"One core of: A Processor (linux/amd64).", "| FLAC -8 | this\\|that |"}},
		{"summary", []string{"| 8bit | 1 | 2,000 | 1,000 | 600 | 40.00 % | 2.50 x | 13 x |", "| all | 2 | 3,002,000 |"}},
		{"classes", []string{"| 8bit | Trilobyte | 1 | 600 | 4.568 | 0.6000 | 2.50 x | 13 x | 1.5 |", "| 8bit | Sac | 0 of 1 | - | - | - | - | - | - |"}},
		{"formats", []string{
			"| bioacoustics | 8 | 44.1 | 1 | 1,200 | 1,000 | 600 | 0.5000 | 0.6000 |",
			"| bioacoustics | 16 | 22.05 | 1 | - | - | 1,234,567 | - | - |",
		}},
		{"files", []string{"| 8bit/song_8bit.wav | 44.1 | 8 | 1 | 3.0 | 2,000 | 1,000 | 600 | 0.6000 | 2.50 x | 13 x |"}},
	}
	for _, test := range tests {
		t.Run(test.section, func(t *testing.T) {
			dir := t.TempDir()
			data, document := filepath.Join(dir, "figures"), filepath.Join(dir, "document.md")
			before, after := "Before.\n<!-- begin "+test.section+" -->\n", "<!-- end "+test.section+" -->\nAfter.\n"
			write(t, data, figures)
			write(t, document, before+"old\n"+after)
			for range 2 { // the second time changes nothing
				if err := update(data, []string{document}); err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile(document)
				if err != nil {
					t.Fatal(err)
				}
				got := string(b)
				if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || strings.Contains(got, "old") {
					t.Errorf("got %s", got)
				}
				for _, line := range test.want {
					if strings.Count(got, line) != 1 {
						t.Errorf("there is no line %q in %s", line, got)
					}
				}
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateRefusesWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ figures, document, want string }{
		"no section":      {figures, "text", "no section"},
		"unknown section": {figures, "<!-- begin all -->\n<!-- end all -->", `no table "all"`},
		"no end":          {figures, "<!-- begin files -->\n", "has no end"},
		"half a run":      {figures[:300], "<!-- begin files -->\n<!-- end files -->", "JSON"},
		"no run":          {"", "<!-- begin files -->\n<!-- end files -->", "no figures"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			data, document := filepath.Join(dir, "figures"), filepath.Join(dir, "document.md")
			write(t, data, test.figures)
			write(t, document, test.document)
			if err := update(data, []string{document}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
			if b, err := os.ReadFile(document); err != nil || string(b) != test.document {
				t.Errorf("the document was changed to %s", b)
			}
		})
	}
}
