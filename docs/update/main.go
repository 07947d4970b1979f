// Update writes the figures of a run of `trilobyte bench --json --peers` into
// documents. Usage:
//
//	go run ./docs/update FIGURES DOCUMENT...
//
// In each document, what stands between <!-- begin NAME --> and <!-- end NAME -->
// is replaced by the table of that name; the names are in the map in tables.go.
// Nothing else is changed. `make benchmarks` does all of it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"trilobyte/app/bench"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: update FIGURES DOCUMENT...")
		os.Exit(2)
	}
	if err := update(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "update:", err)
		os.Exit(1)
	}
}

// update rewrites the sections of all documents.
func update(figures string, documents []string) error {
	text, err := os.ReadFile(figures)
	if err != nil {
		return err
	}
	r, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", figures, err)
	}
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if text, err = rewrite(text, r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(name, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// run is what a run of bench has measured.
type run struct {
	setup  bench.Setup
	files  []bench.Record
	totals []bench.Record // of classes, and of all at the end
}

// parse reads the JSON lines of bench.
func parse(text []byte) (*run, error) {
	r := &run{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var record bench.Record
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, err
		}
		switch record.Event {
		case "setup":
			if err := json.Unmarshal(lines.Bytes(), &r.setup); err != nil {
				return nil, err
			}
		case "file":
			r.files = append(r.files, record)
		case "class", "total":
			r.totals = append(r.totals, record)
		}
	}
	if len(r.totals) == 0 {
		return nil, fmt.Errorf("these are no figures of a whole run of bench --json")
	}
	return r, lines.Err()
}

// rewrite replaces all sections of a document.
func rewrite(text []byte, r *run) ([]byte, error) {
	const begin, end = "<!-- begin ", " -->\n"
	var out []byte
	found := false
	for {
		start := bytes.Index(text, []byte(begin))
		if start < 0 {
			break
		}
		nameStart := start + len(begin)
		length := bytes.Index(text[nameStart:], []byte(end))
		if length < 0 {
			return nil, fmt.Errorf("a section's first line is not complete")
		}
		name := string(text[nameStart : nameStart+length])
		table, ok := tables[name]
		if !ok {
			return nil, fmt.Errorf("there is no table %q", name)
		}
		rest := nameStart + length + len(end)
		closing := fmt.Appendf(nil, "<!-- end %s -->", name)
		stop := bytes.Index(text[rest:], closing)
		if stop < 0 {
			return nil, fmt.Errorf("the section %q has no end", name)
		}
		out = append(out, text[:rest]...)
		out = append(out, table(r)...)
		text = text[rest+stop:]
		found = true
	}
	if !found {
		return nil, fmt.Errorf("there is no section to replace")
	}
	return append(out, text...), nil
}
