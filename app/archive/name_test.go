package archive_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/app/archive"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "a/b.wav", "Käse/音楽.wav", "...", "a/..b", ".hidden", "a/b:c", "aux.wav", "x/.trilobyte", "trailing.", " "} {
		if err := archive.CheckName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"":                           "empty",
		"..":                         `".."`,
		"a/..":                       `".."`,
		"../a":                       `".."`,
		"/a":                         "absolute",
		"a/":                         "empty folder name",
		"./a":                        "empty folder name",
		`a\b`:                        "backslash",
		"c:a":                        "drive letter",
		"Z:":                         "drive letter",
		"a\x00":                      "NUL",
		"a\xc3":                      "UTF-8",
		".trilobyte":                 "taken",
		".TRILOBYTE/x":               "taken",
		strings.Repeat("a/", 1<<15):  "longer",
		strings.Repeat("a", 1<<16-1): "longer",
	} {
		if err := archive.CheckName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", name, err, want)
		}
	}
}

func TestCheckWindowsName(t *testing.T) {
	for _, name := range []string{"a", "a/b.wav", "Käse/音楽.wav", "...a", ".hidden", "auxiliary.wav", "com.wav", "COM10", "lpt/x", "nulls", "a b"} {
		if err := archive.CheckWindowsName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for _, name := range []string{"con", "CON.wav", "a/Nul", "aux.tar.gz", "com1", "x/LPT9.wav", "com¹", "nul .txt", "a.", "b ", "dir./x", "a:b", "a:$DATA", `a"b`, "what?", "a*", "a|b", "<", "tab\t", "conout$"} {
		if err := archive.CheckWindowsName(name); err == nil {
			t.Errorf("%q is allowed", name)
		}
	}
}

func TestCheckLink(t *testing.T) {
	for link, target := range map[string]string{"a": "b", "a/b": "../c", "a/b/c": "../../d/e", "x": "y/z", "d/l": ".."} {
		if err := archive.CheckLink(link, target); err != nil {
			t.Errorf("%s -> %s is refused: %v", link, target, err)
		}
	}
	for link, target := range map[string]string{"a": "../b", "a/b": "../../c", "c": "x/../y", "d": "/etc", "e": "", "f": "c:/x", "g": `..\x`, "h": "..", "i": "a\x00"} {
		if err := archive.CheckLink(link, target); err == nil {
			t.Errorf("%s -> %s is allowed", link, target)
		}
	}
}

// TestAllowedLinksStayInside makes trees of links that CheckLink allows, in any
// order and to each other, and follows them.
func TestAllowedLinksStayInside(t *testing.T) {
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		root := filepath.Join(base, fmt.Sprint("outer", n), "root")
		if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o777); err != nil {
			t.Fatal(err)
		}
		folder := rapid.SampledFrom([]string{"", "a", "a/b"})
		element := rapid.SampledFrom([]string{"..", ".", "a", "b", "l0", "l1", "l2", "l3"})
		var links []string
		for i := range 4 {
			name := path.Join(folder.Draw(t, "folder"), fmt.Sprintf("l%d", i))
			target := strings.Join(rapid.SliceOfN(element, 1, 5).Draw(t, "target"), "/")
			if archive.CheckLink(name, target) != nil {
				continue
			}
			links = append(links, filepath.Join(root, name))
			if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		for _, link := range links {
			to, err := filepath.EvalSymlinks(link)
			if err == nil && to != root && !strings.HasPrefix(to, root+"/") {
				t.Fatalf("%s leads to %s", link, to)
			}
		}
	})
}
