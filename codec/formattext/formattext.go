// Package formattext reads the tables of codec/FORMAT.md and codec/FORMAT-archive.md, for tests that compare them with the code.
package formattext

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Section is a section of the specification, with its subsections.
type Section struct {
	tb   testing.TB
	text string
}

// Read returns the section under a heading, which is the whole line, like "### Record". It fails the test if there is
// none.
func Read(tb testing.TB, heading string) Section {
	tb.Helper()
	section, found := "", false
	for _, name := range []string{"FORMAT.md", "FORMAT-archive.md"} {
		text, err := os.ReadFile(filepath.Join(find(tb), name))
		if err != nil {
			tb.Fatal(err)
		}
		if _, section, found = strings.Cut(string(text), "\n"+heading+"\n"); found {
			break
		}
	}
	if !found {
		tb.Fatalf("the format has no heading %q", heading)
	}
	level, _, _ := strings.Cut(heading, " ")
	end := regexp.MustCompile(fmt.Sprintf("(?m)^#{1,%d} ", len(level))).FindStringIndex(section)
	if end != nil {
		section = section[:end[0]]
	}
	return Section{tb, section}
}

// find returns the folder of FORMAT.md, which is below that of go.mod.
func find(tb testing.TB) string {
	tb.Helper()
	folder, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, "codec")
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			tb.Fatal("there is no go.mod above")
		}
		folder = parent
	}
}

// Rows returns the rows of all tables of the section, without their heads, as cells without the spaces around them.
func (s Section) Rows() [][]string {
	var rows [][]string
	lines := strings.Split(s.text, "\n")
	for i, line := range lines {
		isHead := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|-")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|-") || isHead {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for c := range cells {
			cells[c] = strings.TrimSpace(cells[c])
		}
		rows = append(rows, cells)
	}
	return rows
}

// Row returns the first row of the section that has a cell. It fails the test if there is none.
func (s Section) Row(cell string) []string {
	s.tb.Helper()
	for _, row := range s.Rows() {
		for _, c := range row {
			if c == cell {
				return row
			}
		}
	}
	s.tb.Fatalf("no table in this section of FORMAT.md has a cell %q", cell)
	return nil
}

// Has fails the test if the section does not have some text, whatever its line breaks.
func (s Section) Has(text string) {
	s.tb.Helper()
	if !strings.Contains(strings.Join(strings.Fields(s.text), " "), text) {
		s.tb.Errorf("FORMAT.md does not say %q where the code does", text)
	}
}

// CompareSum fails the test if a table of numbers of fixed size does not have the SHA-256 that the appendix has for it.
func CompareSum(tb testing.TB, name string, table any) {
	tb.Helper()
	h := sha256.New()
	if err := binary.Write(h, binary.LittleEndian, table); err != nil {
		tb.Fatal(err)
	}
	row := Read(tb, "## Appendix: checksums of the tables").Row(name)
	if got := fmt.Sprintf("`%x`", h.Sum(nil)); got != row[2] {
		tb.Errorf("the table %s of the code has the SHA-256 %s, that of FORMAT.md %s", name, got, row[2])
	}
}
