package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// isCopy is the method of copies, whose data here is the name of the original.
const isCopy = 17236

// oneShots are small recordings, and what stands between them: one bundle of five, one of a recording and the copy of
// another, and a recording that is alone.
var oneShots = slices.Concat(
	[]content{{"kit", archive.KindFolder, zip.Store, ""}}, shots("kit/hit %d.wav", 5),
	[]content{{"kit/read me.txt", archive.KindFile, zip.Store, "text"}}, shots("kit/Becken %d é.wav", 1),
	[]content{{"kit/copy", archive.KindFile, isCopy, "kit/hit 2.wav"}, {"more", archive.KindFolder, zip.Store, ""}},
	shots("more/last %d.wav", 1),
)

// shots are n small recordings, of different sizes.
func shots(name string, n int) (list []content) {
	for i := range n {
		list = append(list, content{fmt.Sprintf(name, i), archive.KindRecording, archive.Method, strings.Repeat(fmt.Sprintf(name, i)+" ", 3+i)})
	}
	return list
}

// addShot adds one of oneShots, whose times are so many seconds apart.
func addShot(t testing.TB, w *archive.Writer, i, seconds int) {
	t.Helper()
	c := oneShots[i]
	if c.method == isCopy {
		f, _ := w.File(c.data)
		f.SameAs = c.data
		f.SetModTime(shotTime(i, seconds))
		if _, err := w.Copy(c.name, f); err != nil {
			t.Fatal(err)
		}
		return
	}
	e, err := w.Begin(c.name, c.kind, int64(len(c.data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(e, c.data); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(c.data))
	f := archive.File{Mode: 0o640, CRC32: archive.ZIPSum(c.kind, crc32.ChecksumIEEE([]byte(c.data)), sum), SHA256: fmt.Sprintf("%x", sum)}
	f.SetModTime(shotTime(i, seconds))
	if _, err := e.Commit(c.method, f); err != nil {
		t.Fatal(err)
	}
}

func shotTime(i, seconds int) time.Time { return time.Unix(int64(1_000_000_000+i*seconds), 5) }

// makeShots makes an archive of oneShots.
func makeShots(t testing.TB) (path string, b []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a")
	w, err := archive.Create(disk.OS{}, path, [32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range oneShots {
		addShot(t, w, i, 100)
	}
	finish(t, w)
	if b, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, b
}

func finish(t testing.TB, w *archive.Writer) {
	t.Helper()
	if err := w.Finish(nil, true); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(); err != nil {
		t.Fatal(err)
	}
}

// filesOf opens an archive of oneShots that has these bytes. It returns what that says of its entries, and why entries
// are not sound, by name.
func filesOf(t testing.TB, b []byte) (files []archive.File, damage []error, bad map[string]error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	bad = map[string]error{}
	for _, e := range a.Entries() {
		files = append(files, e.File)
		err := e.Check(context.Background())
		if err == nil && e.Kind == archive.KindRecording && e.SameAs == "" {
			err = compareShot(e)
		}
		if err != nil {
			bad[e.Name] = err
		}
	}
	return files, a.Damage(), bad
}

// compareShot compares the compressed bytes of an entry with what was written.
func compareShot(e *archive.Entry) error {
	compressed, err := e.Compressed()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(compressed)
	if i := slices.IndexFunc(oneShots, func(c content) bool { return c.name == e.Name }); err == nil && (i < 0 || oneShots[i].data != string(b)) {
		err = fmt.Errorf("it has %q", b)
	}
	return err
}

// everyth is how many places a test goes on by: all of them are for make soak.
func everyth(n int) int {
	switch {
	case os.Getenv("TRILOBYTE_SOAK") != "":
		return 1
	case testing.Short():
		return 4 * n
	}
	return n
}

// TestSmallRecordingsShareAnEntry reads them, and lists the entries of ZIP.
func TestSmallRecordingsShareAnEntry(t *testing.T) {
	path, b := makeShots(t)
	files, damage, bad := filesOf(t, b)
	if len(damage) > 0 || len(bad) > 0 {
		t.Errorf("damaged: %v, %v", damage, bad)
	}
	var names, want, listed []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	for _, c := range oneShots {
		want = append(want, c.name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("the entries are %q, want %q", names, want)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		listed = append(listed, fmt.Sprint(f.Name, " ", f.Method))
	}
	if want := []string{
		"kit/ 0", ".trilobyte/bundle/1 21332", "kit/read me.txt 0", ".trilobyte/bundle/2 21332", "more/ 0", "more/last 0.wav 16980", ".trilobyte/manifest 8",
	}; !slices.Equal(listed, want) {
		t.Errorf("ZIP lists %q, want %q", listed, want)
	}
}

// TestReferencesToWhatSharesAnEntry has entries refer to each other by distance, while they are written.
func TestReferencesToWhatSharesAnEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	w, err := archive.Create(disk.OS{}, path, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	distances := map[string]map[string]int64{}
	for i, c := range oneShots {
		to := map[string]int64{}
		name := fmt.Sprintf("before %d", i)
		e, err := w.Begin(name, archive.KindRecording, int64([]int{100, 100_000}[i%2]))
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range oneShots[:i] {
			if back, ok := w.Back(other.name); ok {
				to[other.name] = back
			}
		}
		e.Write([]byte(c.name))
		if _, err := e.Commit(archive.Method, archive.File{CRC32: 1, SHA256: strings.Repeat("1", 64)}); err != nil {
			t.Fatal(err)
		}
		distances[name] = to
		addShot(t, w, i, 1)
	}
	finish(t, w)
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	sums := map[string]uint32{}
	for _, e := range a.Entries() {
		if e.SameAs == "" {
			sums[e.Name] = e.CRC32
		}
		for name, back := range distances[e.Name] {
			if !strings.HasSuffix(name, ".wav") {
				continue
			}
			if s := e.Source(back, sums[name]); s == nil || s.Name != name {
				t.Errorf("%s, which is %d bytes before %s, is %v", name, back, e.Name, s)
			}
		}
	}
}

// TestDamagedBundles changes each byte of an archive: what is known of the entries is the same as before, unless the
// manifest is damaged, too.
func TestDamagedBundles(t *testing.T) {
	_, sound := makeShots(t)
	want, _, _ := filesOf(t, sound)
	end := bytes.Index(sound, []byte(".trilobyte/manifest")) - 30
	step := everyth(5)
	for at := 0; at < end; at += step {
		b := bytes.Clone(sound)
		b[at] ^= 0x41
		files, damage, bad := filesOf(t, b)
		if !reflect.DeepEqual(files, want) || len(damage) > 0 {
			t.Fatalf("byte %d: %+v, damage %v", at, files, damage)
		}
		if len(bad) != 1 {
			t.Fatalf("byte %d: %v are damaged", at, bad)
		}
	}
}

// TestTornBundles cuts an archive off at every length: all small recordings that are whole are found, with their names.
func TestTornBundles(t *testing.T) {
	path, sound := makeShots(t)
	ends := entryEnds(t, path)
	step := everyth(5)
	for size := 0; size < bytes.Index(sound, []byte("PK\x01\x02")); size += step {
		b := sound[:size]
		whole := 0
		for i, end := range ends {
			if oneShots[i].method != isCopy && end <= int64(size) { // the ends of copies are those of the original
				whole++
			}
		}
		if whole < 2 {
			continue // it cannot be told from another ZIP file
		}
		files, damage, bad := filesOf(t, b)
		copies := 0
		for _, f := range files {
			if f.SameAs != "" && bad[f.Name] == nil {
				copies++
			}
		}
		if sound := len(files) - len(bad) - copies; sound != whole || len(damage) == 0 {
			t.Fatalf("cut to %d bytes: %d entries are sound, want %d: %v, %v", size, sound, whole, bad, damage)
		}
	}
}

// TestManifestsThatLostBytes has the manifest lose a byte, or have one too many: all else is there.
func TestManifestsThatLostBytes(t *testing.T) {
	_, sound := makeShots(t)
	manifest := bytes.Index(sound, []byte(".trilobyte/manifest"))
	for at := manifest; at < bytes.Index(sound, []byte("PK\x01\x02")); at += everyth(5) {
		for name, b := range map[string][]byte{
			"lost":     slices.Concat(sound[:at], sound[at+1:]),
			"too many": slices.Concat(sound[:at], []byte{42}, sound[at:]),
		} {
			files, damage, bad := filesOf(t, b)
			if len(files) != len(oneShots) || len(damage) == 0 || len(bad) > 0 {
				t.Fatalf("byte %d %s: %d entries are found, damage %v, %v", at, name, len(files), damage, bad)
			}
		}
	}
}

// TestBundlesWithoutTheManifest damages the manifest, so that bundles tell what is in them.
func TestBundlesWithoutTheManifest(t *testing.T) {
	_, sound := makeShots(t)
	manifest := bytes.Index(sound, []byte(".trilobyte/manifest"))
	damaged := bytes.Clone(sound)
	damaged[manifest+30] ^= 1
	files, damage, bad := filesOf(t, damaged)
	if len(files) != len(oneShots) || len(damage) == 0 || len(bad) > 0 {
		t.Errorf("%d entries are found, damage %v, %v", len(files), damage, bad)
	}
	for i, f := range files {
		if f.Name != oneShots[i].name || f.Mode != 0o640 {
			t.Errorf("%+v is found, want %+v", f, oneShots[i])
		}
	}
	// A bundle that does not tell is lost, the others are not.
	damaged[bytes.Index(sound, []byte(".trilobyte/bundle/1"))+25] ^= 1
	files, damage, bad = filesOf(t, damaged)
	if len(files) != len(oneShots)-5 || !strings.Contains(fmt.Sprint(damage), "the small recordings in .trilobyte/bundle/1 are lost") {
		t.Errorf("%d entries are found, damage %v, %v", len(files), damage, bad)
	}
}

// TestInterruptedBundles leaves an archive after so many entries, and goes on with so many of them, some of which have
// other times by now: the archive becomes the same.
func TestInterruptedBundles(t *testing.T) {
	const late = 100
	_, want := makeShots(t)
	for left := 0; left <= len(oneShots); left += everyth(2) {
		for kept := range left + 1 {
			path := filepath.Join(t.TempDir(), "a")
			w, err := archive.Create(disk.OS{}, path, [32]byte{1, 2, 3})
			if err != nil {
				t.Fatal(err)
			}
			for i := range left {
				addShot(t, w, i, late*(1+kept%2))
			}
			if err := w.Leave(); err != nil {
				t.Fatal(err)
			}
			if w, err = archive.Create(disk.OS{}, path, [32]byte{1, 2, 3}); err != nil {
				t.Fatal(err)
			}
			r, err := w.Recover(t.Context())
			if err != nil || len(r) != left {
				t.Fatalf("of %d entries %d are recovered, error %v", left, len(r), err)
			}
			r = r[:kept]
			for i, f := range r.Files() {
				f.SetModTime(shotTime(i, late))
				r.Describe(i, f)
			}
			if err := w.Keep(r); err != nil {
				t.Fatal(err)
			}
			for i := kept; i < len(oneShots); i++ {
				addShot(t, w, i, late)
			}
			finish(t, w)
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("left after %d and gone on with %d: the archive is another one, error %v", left, kept, err)
			}
		}
	}
}

// TestKilledWhileABundleIsOpen kills a program, by going on with copies of its files, after each entry, and again after some of them
// are kept: nothing is lost.
func TestKilledWhileABundleIsOpen(t *testing.T) {
	begin := func(dir string) (*archive.Writer, archive.Recovered) {
		t.Helper()
		w, err := archive.Create(disk.OS{}, filepath.Join(dir, "a"), [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Discard() })
		r, err := w.Recover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return w, r
	}
	killed := func(dir string) (copied string) {
		t.Helper()
		copied = t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		return copied
	}
	dir := t.TempDir()
	w, _ := begin(dir)
	for i := range oneShots {
		addShot(t, w, i, 1)
		for _, kept := range []int{i, i + 1} {
			again := killed(dir)
			w, r := begin(again)
			if len(r) != i+1 {
				t.Fatalf("killed after %d: %d are recovered", i+1, len(r))
			}
			if err := w.Keep(r[:kept]); err != nil {
				t.Fatal(err)
			}
			if _, r = begin(killed(again)); len(r) != kept {
				t.Errorf("killed after %d and gone on with %d: %d are recovered", i+1, kept, len(r))
			}
		}
	}
}

// TestBundlesEnd has so many small recordings that they need several bundles.
func TestBundlesEnd(t *testing.T) {
	for _, test := range []struct{ count, size, bundles int }{{600, 1000, 3}, {2100, 5, 3}, {2049, 5, 2}} {
		path := filepath.Join(t.TempDir(), "a")
		w, err := archive.Create(disk.OS{}, path, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		for i := range test.count {
			add(t, w, content{fmt.Sprintf("%d.wav", i), archive.KindRecording, archive.Method, strings.Repeat("x", test.size)})
		}
		finish(t, w)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte(".trilobyte/bundle/")) / 2; n != test.bundles {
			t.Errorf("%d recordings of %d bytes are in %d bundles, want %d", test.count, test.size, n, test.bundles)
		}
	}
}

// TestMembersAreBounded has what says that it is a small recording take far more.
func TestMembersAreBounded(t *testing.T) {
	w, err := archive.Create(disk.OS{}, filepath.Join(t.TempDir(), "a"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	e, err := w.Begin("a.wav", archive.KindRecording, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write(make([]byte, 1<<20)); err == nil {
		t.Error("a recording of 10 bytes may take 1 MiB")
	}
	e.Abort()
}
