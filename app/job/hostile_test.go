package job_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// hostileEntry is an entry of an archive that Trilobyte would not make.
type hostileEntry struct {
	name    string
	content string
	link    bool
}

// hostile makes an archive whose entries have the given names. It has no
// manifest, as if that were damaged.
func hostile(t *testing.T, entries ...hostileEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range append(entries, hostileEntry{name: "harmless.txt", content: "harmless"}) {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.link {
			h.SetMode(0o777 | fs.ModeSymlink)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if e.content != "" {
			if _, err := w.Write([]byte(e.content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What makes it one of ours.
	if _, err := z.CreateRaw(&zip.FileHeader{Name: "x.wav", Method: archive.Method}); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileArchivesAreRefused(t *testing.T) {
	cases := map[string]struct {
		entries []hostileEntry
		refused int // the number of the entry that is refused
		want    string
	}{
		"parent folder":          {[]hostileEntry{{name: "../evil", content: "x"}}, 0, `".."`},
		"parent in the middle":   {[]hostileEntry{{name: "a/../../evil", content: "x"}}, 0, `".."`},
		"absolute":               {[]hostileEntry{{name: "/tmp/evil", content: "x"}}, 0, "absolute"},
		"drive letter":           {[]hostileEntry{{name: "C:/evil", content: "x"}}, 0, "drive letter"},
		"backslashes":            {[]hostileEntry{{name: `..\evil`, content: "x"}}, 0, "backslash"},
		"NUL":                    {[]hostileEntry{{name: "evil\x00.txt", content: "x"}}, 0, "NUL"},
		"no UTF-8":               {[]hostileEntry{{name: "evil\xff", content: "x"}}, 0, "UTF-8"},
		"dot":                    {[]hostileEntry{{name: "a/./evil", content: "x"}}, 0, "empty folder name"},
		"double slash":           {[]hostileEntry{{name: "a//evil", content: "x"}}, 0, "empty folder name"},
		"our own folder":         {[]hostileEntry{{name: ".Trilobyte/evil", content: "x"}}, 0, "taken by the archive"},
		"twice":                  {[]hostileEntry{{name: "a", content: "x"}, {name: "a", content: "y"}}, 1, "same name"},
		"file and folder":        {[]hostileEntry{{name: "a", content: "x"}, {name: "a/evil", content: "y"}}, 1, "lies inside a, which is a file"},
		"folder and file":        {[]hostileEntry{{name: "a/b", content: "x"}, {name: "a", content: "y"}}, 1, "same name"},
		"absolute link":          {[]hostileEntry{{name: "evil", content: "/etc", link: true}}, 0, "absolute path"},
		"link to the outside":    {[]hostileEntry{{name: "a/evil", content: "../../x", link: true}}, 0, "points outside"},
		"link with dots inside":  {[]hostileEntry{{name: "a/evil", content: "b/../../../x", link: true}}, 0, `".." in the middle`},
		"through a link":         {[]hostileEntry{{name: "a", content: "b", link: true}, {name: "a/evil", content: "x"}}, 1, "lies inside a, which is a link"},
		"through links in links": {[]hostileEntry{{name: "a", content: "b/c", link: true}, {name: "b/c", content: "../d", link: true}, {name: "a/evil", content: "x"}}, 2, "lies inside a, which is a link"},
		"deep, through a link":   {[]hostileEntry{{name: "a/b/c", content: "..", link: true}, {name: "a/b/c/d/evil", content: "x"}}, 1, "lies inside a/b/c, which is a link"},
		"very long":              {[]hostileEntry{{name: strings.Repeat("evil", 100), content: "x"}}, 0, "file name too long"},
		"very deep":              {[]hostileEntry{{name: strings.Repeat("e/", 3000) + "evil", content: "x"}}, 0, "longer than"},
		"link of a drive letter": {[]hostileEntry{{name: "evil", content: "c:/x", link: true}}, 0, "absolute path"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			outer := t.TempDir()
			target := filepath.Join(outer, "deep", "target")
			e := engine()
			e.Disk = memory{content: hostile(t, c.entries...)}
			reasons := map[string]string{}
			e.Events = func(ev job.Event) {
				if f, ok := ev.(job.Failed); ok {
					reasons[f.Name] += f.Err.Error()
				}
			}
			summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: target, Overwrite: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range summary.Lacks {
				reasons[l.First] += l.Err.Error()
			}
			evil := strings.TrimSuffix(c.entries[c.refused].name, "/")
			if !strings.Contains(reasons[evil], c.want) {
				t.Errorf("%q failed because %q, want %q; all: %q", evil, reasons[evil], c.want, reasons)
			}
			if b, err := os.ReadFile(filepath.Join(target, "harmless.txt")); err != nil || string(b) != "harmless" {
				t.Errorf("the harmless file was restored as %q, error %v", b, err)
			}
			for name := range contents(t, outer) {
				if strings.Contains(name, "evil") || !strings.HasPrefix("deep/target", name) && !strings.HasPrefix(name, "deep/target/") && name != "." {
					t.Errorf("%s was written", name)
				}
			}
		})
	}
}

// TestLinksAlreadyThereAreNotFollowedOut restores into a folder that has links
// to the outside under the names of the archive's folders.
func TestLinksAlreadyThereAreNotFollowedOut(t *testing.T) {
	source := filepath.Join(t.TempDir(), "dir")
	writeFile(t, filepath.Join(source, "a.txt"), []byte("text"))
	out := compress(t, engine(), source)
	outside, target := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(target, "dir")); err != nil {
		t.Fatal(err)
	}
	for _, overwrite := range []bool{false, true} {
		summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: target, Overwrite: overwrite})
		if err != nil || (summary.Failed == 0) != overwrite {
			t.Errorf("overwriting %t: %d failed, error %v", overwrite, summary.Failed, err)
		}
		if left := contents(t, outside); len(left) != 1 {
			t.Errorf("overwriting %t: it wrote %v outside", overwrite, left)
		}
	}
	if got, want := contents(t, filepath.Join(target, "dir")), contents(t, source); !maps.Equal(got, want) {
		t.Errorf("in place of the link there is %v, want %v", got, want)
	}
}

// TestSizesAreNotBelieved has a deflated entry that is larger than it says.
func TestSizesAreNotBelieved(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	zeros, err := archive.DeflatePart(nil, make([]byte, 50<<20), true)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"bomb.txt": zeros} {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: 100, CompressedSize64: uint64(len(content))}
		w, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	if _, err := z.CreateRaw(&zip.FileHeader{Name: "x.wav", Method: archive.Method}); err != nil {
		t.Fatal(err)
	}
	z.Close()
	e := engine()
	e.Disk = memory{content: bomb.Bytes()}
	target := t.TempDir()
	var reason string
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok && f.Name == "bomb.txt" {
			reason = f.Err.Error()
		}
	}
	if _, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: target}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(reason, "larger than the archive says") {
		t.Errorf("it failed because %q", reason)
	}
	if left := contents(t, target); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}

// TestWithoutTheManifest destroys the manifest: the files still come back.
func TestWithoutTheManifest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	source := album(t)
	path := compress(t, engine(), source)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.LastIndex(b, []byte("PK\x03\x04"))+100] ^= 0xff
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	back := t.TempDir()
	summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back})
	if err != nil || summary.Failed == 0 {
		t.Errorf("%d failures were reported, error %v", summary.Failed, err)
	}
	want, got := contents(t, source), contents(t, filepath.Join(back, "Album"))
	for name := range want {
		// Without the manifest the times have whole seconds.
		if g := strings.Replace(got[name], "1000000000000000000", "1000000000987654321", 1); g != want[name] {
			t.Errorf("%s was restored as %s, want %s", name, got[name], want[name])
		}
	}
}

// FuzzArchive verifies and restores whatever comes. Nothing may panic, or be
// written outside of the target.
func FuzzArchive(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "dir")
	writeFile(f, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 20, 1))
	writeFile(f, filepath.Join(dir, "2.txt"), bytes.Repeat([]byte("text "), 20))
	if err := os.Symlink("2.txt", filepath.Join(dir, "3")); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(compress(f, engine(), dir))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		e := engine()
		e.Disk = memory{content: b}
		verified, err := e.Verify(context.Background(), "x")
		if err != nil {
			return
		}
		outer := t.TempDir()
		e.Disk = struct{ disk.FS }{memory{content: b}}
		restored, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: filepath.Join(outer, "target")})
		if err != nil {
			t.Fatal(err)
		}
		if len(restored.Files) < len(verified.Files) {
			t.Errorf("%d files are sound, but only %d were restored (%d failed)", len(verified.Files), len(restored.Files), restored.Failed)
		}
		for name := range contents(t, outer) {
			if name != "." && name != "target" && !strings.HasPrefix(name, "target/") {
				t.Errorf("%s was written", name)
			}
		}
	})
}
