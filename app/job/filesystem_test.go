//go:build linux

package job_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// system makes a folder with all that a file system may hold, and returns what cannot
// be archived of it.
func system(t *testing.T, dir string) (missing []string) {
	t.Helper()
	wav := jobtest.WAV(8000, 16, 1, 700, 1)
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	put := func(name string, mode fs.FileMode, seed int) {
		t.Helper()
		writeFile(t, in(name), jobtest.WAV(8000, 16, 1, 500, uint64(seed)))
		must(os.Chmod(in(name), mode))
	}
	writeFile(t, in("a.wav"), wav)
	writeFile(t, in("sub/b.wav"), wav)
	must(os.MkdirAll(in("empty folder/in empty"), 0o755))
	must(os.Link(in("a.wav"), in("hard.wav")), os.Link(in("sub/b.wav"), in("other hard.wav")))
	put("nothing.txt", 0o640, 0)
	must(os.Truncate(in("nothing.txt"), 0), os.Link(in("nothing.txt"), in("sub/nothing.txt")))
	for name, target := range map[string]string{
		"rel link.wav": "a.wav", "sub/up link.wav": "../a.wav", "abs link": "/etc/hostname", "dangling.wav": "gone.wav", "sub/loop": "..",
		"outwards.wav": "../../outside.wav", "folder link": "sub", "self": "self", "abs into itself.wav": in("a.wav"), "odd link": "b\\\xff%41",
	} {
		must(os.Symlink(target, in(name)))
	}
	must(syscall.Mkfifo(in("fifo"), 0o644), syscall.Mkfifo(in("fifo.wav"), 0o644))
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: "sock", Net: "unix"})
	if err == nil {
		t.Cleanup(func() { socket.Close() })
		socket.SetUnlinkOnClose(false)
		err = os.Rename("sock", in("sock")) // the names of sockets are short
	}
	must(err)
	missing = []string{"sys/fifo", "sys/fifo.wav", "sys/sock"}
	size := int64(600 << 10)
	writeFile(t, in("sparse.wav"), jobtest.WAVHeader(1, 8000, 16, 1, int(size)))
	must(os.Truncate(in("sparse.wav"), 44+size))
	holey, err := os.Create(in("holes.bin"))
	must(err)
	_, err = holey.WriteAt([]byte("in the middle"), 128<<10)
	must(err, holey.Truncate(300<<10), holey.Close())
	for seed, mode := range []uint32{0o000, 0o400, 0o755, 0o777, 0o4755, 0o1777, 0o2640} {
		name := fmt.Sprintf("mode%04o.wav", mode)
		put(name, 0o644, 10+seed)
		must(syscall.Chmod(in(name), mode))
		if mode == 0 && os.Geteuid() != 0 {
			missing = append(missing, "sys/"+name)
		}
	}
	put("ro folder/x.wav", 0o444, 20)
	put("setgid/x.wav", 0o644, 20)
	must(syscall.Chmod(in("setgid"), 0o2775), xattr.Set(in("setgid"), "user.box", []byte("7")))
	must(xattr.Set(in("a.wav"), "user.comment", []byte("tape 7")), xattr.Set(in("a.wav"), "user.empty", nil))
	put("read only.wav", 0o644, 21)
	must(xattr.Set(in("read only.wav"), "user.binary", []byte{0, 255, 10}), os.Chmod(in("read only.wav"), 0o444))
	for seed, name := range []string{"b\xe9la.wav", `back\slash.wav`, "A: side.wav", "100%25.wav", "new\nline.wav", " .wav", ".trilobyte"} {
		put(name, 0o600, 30+seed)
	}
	for name, at := range map[string]time.Time{
		"t1960": time.Unix(-315619200, 123456789), "tns": time.Unix(1700000000, 123456789), "t2099": time.Unix(4070908800, 1), "tzero": time.Unix(0, 0),
	} {
		put(name+".wav", 0o644, 40)
		must(os.Chtimes(in(name+".wav"), at, at))
	}
	for _, name := range []string{"rel link.wav", "sub/loop", "abs link"} {
		at := []unix.Timespec{{Sec: 1_100_000_000, Nsec: 7}, {Sec: 1_200_000_000, Nsec: 9}}
		must(unix.UtimesNanoAt(unix.AT_FDCWD, in(name), at, unix.AT_SYMLINK_NOFOLLOW))
	}
	must(os.Chmod(in("ro folder"), 0o555))
	t.Cleanup(func() { os.Chmod(in("ro folder"), 0o755) })
	for _, name := range []string{"empty folder", "."} {
		at := time.Unix(1_000_000_000, 5)
		must(os.Chtimes(in(name), at, at))
	}
	return missing
}

// held describes all that is in a folder: every field of stat that is not the disk's or
// the moment's own, contents, links and attributes.
func held(t *testing.T, dir string) map[string]string {
	t.Helper()
	found, inodes := map[string]string{}, map[uint64]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		var s syscall.Stat_t
		if err := syscall.Lstat(path, &s); err != nil {
			return err
		}
		text := fmt.Sprintf("mode %o, modified %d.%09d, owner %d %d", s.Mode, s.Mtim.Sec, s.Mtim.Nsec, s.Uid, s.Gid)
		switch s.Mode & syscall.S_IFMT {
		case syscall.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" -> %q", target)
		case syscall.S_IFREG:
			if inodes[s.Ino] == "" {
				inodes[s.Ino] = name
			}
			b, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrPermission) {
				return err
			}
			text += fmt.Sprintf(", %d bytes in %d blocks, %d links, one file with %q, %x", s.Size, s.Blocks, s.Nlink, inodes[s.Ino], sha256.Sum256(b))
		}
		if s.Mode&syscall.S_IFMT == syscall.S_IFREG || s.Mode&syscall.S_IFMT == syscall.S_IFDIR {
			names, _ := xattr.LList(path)
			for _, n := range slices.Sorted(slices.Values(names)) {
				if strings.HasPrefix(n, "user.") {
					value, _ := xattr.LGet(path, n)
					text += fmt.Sprintf(", %s = %q", n, value)
				}
			}
		}
		found[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWhatFileSystemsHold archives and restores it, and updates and restores it again;
// and, where it may, does so once more as a user without any rights.
func TestWhatFileSystemsHold(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	dir := filepath.Join(work, "sys")
	writeFile(t, filepath.Join(dir, "a.wav"), nil)
	if err := xattr.Set(filepath.Join(dir, "a.wav"), "user.x", []byte("x")); err != nil {
		t.Skipf("there are no extended attributes in %s: %v", work, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	missing := system(t, dir)
	out := filepath.Join(work, "out.trilobyte")
	made, _ := run(engine(), compressTo(dir, out))
	var left []string
	for _, m := range made.Missing {
		left = append(left, m.Name)
	}
	slices.Sort(missing)
	slices.Sort(left)
	if !slices.Equal(left, missing) || len(made.Lacks) > 0 {
		t.Fatalf("left out were %q, want %q, lacking is %v", left, missing, made.Lacks)
	}
	want := held(t, dir)
	for _, name := range missing {
		delete(want, strings.TrimPrefix(name, "sys/"))
	}
	same := func(what string) {
		t.Helper()
		back := t.TempDir()
		summary, report := run(engine(), func(e *job.Engine) (job.Summary, error) {
			return e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: back, Links: true, Permissions: true})
		})
		if report != "" || len(summary.Lacks) > 0 {
			t.Errorf("%s: %s, lacking is %v", what, report, summary.Lacks)
		}
		got := held(t, filepath.Join(back, "sys"))
		for name, description := range want {
			if got[name] != description {
				t.Errorf("%s: %q came back as\n%s, was\n%s", what, name, got[name], description)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d files came back, want %d", what, len(got), len(want))
		}
		os.Chmod(filepath.Join(back, "sys", "ro folder"), 0o755)
	}
	same("compressed")
	if err := os.WriteFile(filepath.Join(dir, "sub/new.txt"), []byte("new"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := xattr.Set(filepath.Join(dir, "sub/b.wav"), "user.later", []byte("set without a change of the time")); err != nil {
		t.Fatal(err)
	}
	run(engine(), updateTo(dir, out, nil))
	want = held(t, dir)
	for _, name := range missing {
		delete(want, strings.TrimPrefix(name, "sys/"))
	}
	same("updated")
	if err := os.Remove(filepath.Join(dir, "tns.wav")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "mode0000.wav")); err == nil && os.Geteuid() != 0 {
		os.Remove(filepath.Join(dir, "mode0000.wav")) // nobody knows what is in it
	}
	run(engine(), updateTo(dir, out, func(o *job.CompressOptions) { o.Mirror, o.VerifyAll = true, true }))
	delete(want, "tns.wav")
	want["."] = held(t, dir)["."]
	same("mirrored")
	anew := filepath.Join(work, "anew.trilobyte")
	run(engine(), compressTo(dir, anew))
	if err := sameBytes(out, anew); err != nil {
		t.Error(err)
	}
	plain := t.TempDir()
	summary, report := run(engine(), func(e *job.Engine) (job.Summary, error) {
		return e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: plain})
	})
	lacks := map[job.Lack]int{}
	for _, l := range summary.Lacks {
		lacks[l.What] = l.Files
	}
	if report != "" || !maps.Equal(lacks, map[job.Lack]int{job.LackLinks: 3, job.LackBits: 4}) {
		t.Errorf("without being asked for more, %s, lacking is %v", report, summary.Lacks)
	}
	os.Chmod(filepath.Join(plain, "sys", "ro folder"), 0o755)
	if os.Geteuid() == 0 {
		asNobody(t)
	}
}

// asNobody runs the test once more, in a process of a user without any rights.
func asNobody(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "trilobyte-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const nobody = 65534
	copied := filepath.Join(dir, "test")
	if err := errors.Join(os.WriteFile(copied, program, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(copied, "-test.run=^"+t.Name()+"$", "-test.v")
	c.Dir, c.Env = dir, append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if said, err := c.CombinedOutput(); err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Errorf("as an ordinary user: %v\n%s", err, said)
	}
}

// TestFoldersThatWereThere has one run restore a part of a folder, and another one the
// rest: folders keep the mode that their owner has given them meanwhile, which is said,
// unless permissions are asked for.
func TestFoldersThatWereThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for _, name := range []string{"a/1.txt", "a/2.txt", "b/1.txt"} {
		writeFile(t, filepath.Join(dir, name), []byte(name))
	}
	for _, name := range []string{"a", "b"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o711); err != nil {
			t.Fatal(err)
		}
	}
	out, into := compress(t, engine(), dir), t.TempDir()
	if _, report := run(engine(), func(e *job.Engine) (job.Summary, error) {
		return e.Restore(t.Context(), job.RestoreOptions{Archive: out, Dir: into, Names: []string{"Album/a/1.txt", "Album/b/1.txt"}})
	}); report != "" {
		t.Fatal(report)
	}
	for _, name := range []string{"a", "b"} {
		if err := os.Chmod(filepath.Join(into, "Album", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, permissions := range []bool{false, true} {
		want := map[bool]os.FileMode{false: 0o755, true: 0o711}[permissions]
		if err := os.RemoveAll(filepath.Join(into, "Album", "a", "2.txt")); err != nil {
			t.Fatal(err)
		}
		summary, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into, Permissions: permissions}))
		if report != "" || (len(summary.Lacks) == 0) != permissions {
			t.Errorf("permissions %t: lacking is %v; %s", permissions, summary.Lacks, report)
		}
		for _, name := range []string{"a", "b"} {
			if info, err := os.Stat(filepath.Join(into, "Album", name)); err != nil || info.Mode().Perm() != want {
				t.Errorf("permissions %t: %s has the mode %v, not %v; %v", permissions, name, info.Mode().Perm(), want, err)
			}
		}
	}
}

// TestWhatFileSystemsCannotTake restores to one that has little.
func TestWhatFileSystemsCannotTake(t *testing.T) {
	work := t.TempDir()
	dir := filepath.Join(work, "sys")
	wav := jobtest.WAV(8000, 16, 1, 700, 1)
	for _, name := range []string{"1.wav", "2.wav"} {
		writeFile(t, filepath.Join(dir, name), append(wav, name...))
		if err := xattr.Set(filepath.Join(dir, name), "user.comment", []byte("tape")); err != nil {
			t.Skipf("there are no extended attributes in %s: %v", work, err)
		}
	}
	if err := errors.Join(os.Link(filepath.Join(dir, "1.wav"), filepath.Join(dir, "3.wav")), os.Symlink("1.wav", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	out := compress(t, engine(), dir)
	e := engine()
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		switch op.Name {
		case "setattribute", "chtimeslink", "link", "chmod":
			return syscall.ENOTSUP
		}
		return nil
	}}
	summary, report := run(e, restoreTo(out, filepath.Join(work, "back")))
	want := map[job.Lack]string{
		job.LackAttributes: "3 sys/1.wav", job.LackTimes: "1 sys/link", job.LackHardLinks: "1 sys/3.wav", job.LackModes: "4 sys/1.wav",
	}
	got := map[job.Lack]string{}
	for _, l := range summary.Lacks {
		got[l.What] = fmt.Sprintf("%d %s", l.Files, l.First)
	}
	if report != "" || !maps.Equal(got, want) {
		t.Errorf("%s: lacking is %v, want %v", report, got, want)
	}
	if back := filesIn(t, filepath.Join(work, "back", "sys")); len(back) != 3 || string(back["3.wav"]) != string(append(wav, "1.wav"...)) {
		t.Errorf("%d files came back", len(back))
	}
}
