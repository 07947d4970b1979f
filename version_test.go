package main

import (
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// TestTheVersionIsOne compares what is written twice: FyneApp.toml, which packages of the window are made from, has the
// version without what comes after a hyphen.
func TestTheVersionIsOne(t *testing.T) {
	file, err := os.ReadFile("VERSION")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(file))
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-[a-z0-9.]+)?$`).MatchString(want) {
		t.Errorf("the version is %q", want)
	}
	app, err := os.ReadFile("FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(want, "-")
	if line := "\nVersion = \"" + number + "\"\n"; !strings.Contains(string(app), line) {
		t.Errorf("FyneApp.toml has no line %q", strings.TrimSpace(line))
	}
	log, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if head := "\n## " + number; !strings.Contains(string(log), head) {
		t.Errorf("CHANGELOG.md has no section %q", strings.TrimSpace(head))
	}
	if got := versions(); !strings.HasPrefix(got, "trilobyte "+want) {
		t.Errorf("--version shows %q", got)
	}
}

func TestCommitOfABuild(t *testing.T) {
	for _, c := range []struct {
		revision, modified, want string
	}{
		{"0123456789abcdef0123456789abcdef01234567", "false", "0123456789ab"},
		{"0123456789abcdef0123456789abcdef01234567", "true", "0123456789ab-dirty"},
		{"", "", ""},
	} {
		info := &debug.BuildInfo{Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: c.revision},
			{Key: "vcs.modified", Value: c.modified},
		}}
		if got := commitOf(info); got != c.want {
			t.Errorf("%q, modified %q: %q, want %q", c.revision, c.modified, got, c.want)
		}
	}
}
