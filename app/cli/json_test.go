package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"trilobyte/app/cli"
	"trilobyte/app/job/jobtest"
)

// TestLinesOfJSONAreAsTheirSchemasSay runs each command that has --json, and compares
// what it prints with docs/json. All events of the schemas must have come.
func TestLinesOfJSONAreAsTheirSchemasSay(t *testing.T) {
	if testing.Short() {
		t.Skip("does one thing after the other")
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"Album/a.wav":     jobtest.WAV(8000, 16, 1, 1<<18+5000, 1),
		"Album/copy.wav":  jobtest.WAV(8000, 16, 1, 1<<18+5000, 1),
		"Album/cut.wav":   jobtest.WAV(8000, 16, 1, 1<<17, 1),
		"Album/kept.wav":  []byte("no sound"),
		"Album/text.txt":  []byte("text"),
		"Sounds/tone.wav": jobtest.WAV(48000, 24, 2, 5000, 2),
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	seen := map[string]bool{}
	for _, c := range []struct {
		args string
		exit int
	}{
		{"compress Album gone -o a.trilobyte --json", 1},
		{"list a.trilobyte --json", 0},
		{"verify a.trilobyte --json", 1}, // something was left out
		{"compress Album Sounds -o a.trilobyte --update --dry-run --json", 0},
		{"compress Album Sounds -o a.trilobyte --update --json", 0},
		{"compress Sounds -o a.trilobyte --mirror --json", 0},
		{"compress Album Sounds -o a.trilobyte --update --json", 0},
		{"export a.trilobyte --json -C out", 1}, // kept.wav
		{"estimate Album --json", 0},
		{"bench Sounds --json", 0},
		{"devices --json", 0},
	} {
		args := strings.Fields(c.args)
		var out bytes.Buffer
		if exit := cli.Run(args, &out, io.Discard, only{jobtest.Codec(model)}, "trilobyte 1.2.3"); exit != c.exit {
			t.Errorf("%s: exit code %d, want %d", c.args, exit, c.exit)
		}
		for event := range checkLines(t, args[0], out.String()) {
			seen[args[0]+" "+event] = true
		}
	}
	for _, want := range []string{
		"compress compressing", "compress compressed", "compress verifying", "compress verified", "compress failed", "compress archive", "compress planned",
		"list ", "verify verifying", "verify verified", "verify archive", "export exported", "export failed", "export export",
		"estimate estimating", "estimate estimate", "bench setup", "bench file", "bench class", "bench total", "devices ",
	} {
		if !seen[want] {
			t.Errorf("there was no line %q: there were %v", want, seen)
		}
	}
}

// checkLines compares the lines that a command printed with its schema, and returns
// which events there were.
func checkLines(t *testing.T, command, printed string) map[string]bool {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaOf(command))
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]bool{}
	for line := range strings.Lines(printed) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatalf("%s: %v: %s", command, err, line)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s prints %s%v", command, line, err)
		}
		var named struct{ Event string }
		if err := json.Unmarshal([]byte(line), &named); err != nil {
			t.Fatal(err)
		}
		events[named.Event] = true
	}
	return events
}

// root is where this repository is.
var root, rootErr = filepath.Abs("../..")

func schemaOf(command string) string { return filepath.Join(root, "docs", "json", command+".json") }

// TestSchemasRefuseOtherLines makes sure that they say something.
func TestSchemasRefuseOtherLines(t *testing.T) {
	if rootErr != nil {
		t.Fatal(rootErr)
	}
	for _, command := range []string{"list", "compress", "verify", "export", "estimate", "bench", "devices"} {
		schema, err := jsonschema.NewCompiler().Compile(schemaOf(command))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{`{}`, `{"event":"other"}`, `{"event":"failed","name":"a","error":1}`, `[]`} {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			if schema.Validate(value) == nil {
				t.Errorf("%s might print %s", command, line)
			}
		}
	}
}
