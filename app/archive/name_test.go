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
	for _, name := range []string{"a", "a/b.wav", "Käse/音楽.wav", "...", "a/..b", ".hidden", "a/b:c", "aux.wav", "x/.trilobyte", "trailing.", " ", "100 %", "%ab", "a%5Cb", "%FF", "50%25AA", "A%3A side", "%2Etrilobyte/x"} {
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
		"a%5Cb%20":                   "escape",
		"%2E%2E":                     "escape",
		"a/%2E%2E/b":                 "escape",
		"a%2Fb":                      "escape",
		"a%00":                       "escape",
		"%C3%A9":                     "escape",
		strings.Repeat("a/", 1<<15):  "longer",
		strings.Repeat("a", 1<<16-1): "longer",
	} {
		if err := archive.CheckName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", name, err, want)
		}
	}
}

// TestNamesAreEscaped makes names in archives of any names on disks, and these of those.
func TestNamesAreEscaped(t *testing.T) {
	for real, want := range map[string]string{
		"a/b.wav": "a/b.wav", "100 %": "100 %", "50%AB": "50%25AB", "50%ab": "50%ab", "a\xff": "a%FF", `a\b`: "a%5Cb",
		"A: side": "A%3A side", "x/A: side": "x/A: side", ".trilobyte/x": "%2Etrilobyte/x", ".Trilobytes": ".Trilobytes",
	} {
		if got := archive.EscapeName(real); got != want {
			t.Errorf("%q becomes %q, want %q", real, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		element := rapid.OneOf(rapid.StringMatching(`[%0-9A-F\\:a.]{1,6}`), rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOfN(rapid.ByteRange(1, 255), 1, 5).Draw(t, "bytes"))
		}))
		real := strings.Join(rapid.SliceOfN(element, 1, 3).Draw(t, "elements"), "/")
		for e := range strings.SplitSeq(real, "/") {
			if e == "" || e == "." || e == ".." {
				t.Skip("there are no such names")
			}
		}
		name := archive.EscapeName(real)
		if err := archive.CheckName(name); err != nil {
			t.Fatalf("%q becomes %q: %v", real, name, err)
		}
		if got := archive.RealName(name); got != real {
			t.Fatalf("%q becomes %q becomes %q", real, name, got)
		}
	})
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
	for link, target := range map[string]string{"a": "../b", "a/b": "../../c", "c": "x/../y", "d": "/etc", "e": "", "f": "c:/x", "h": "..", "i": "a\x00"} {
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
