//go:build linux

package job_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"

	"trilobyte/app/job"
)

// TestWhatIsThereButForOtherThings restores to where everything is already, with the same
// content: what else differs is left as it is and said, but for permissions that are asked
// for; and what was not asked for before is, now.
func TestWhatIsThereButForOtherThings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for _, name := range []string{"1.txt", "2.txt", "box/3.txt"} {
		writeFile(t, filepath.Join(dir, name), []byte(name))
	}
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	if err := xattr.Set(at("2.txt"), "user.comment", []byte("tape")); err != nil {
		t.Skipf("there are no extended attributes in %s: %v", dir, err)
	}
	if err := errors.Join(os.Symlink("1.txt", at("link")), syscall.Chmod(at("1.txt"), 0o4755), syscall.Chmod(at("box"), 0o2775)); err != nil {
		t.Fatal(err)
	}
	out, want := compress(t, engine(), dir), held(t, dir)
	later := time.Now().Add(time.Hour)
	linkTime := []unix.Timespec{{Sec: 1_100_000_000}, {Sec: 1_200_000_000}}
	for name, c := range map[string]struct {
		change func(dir string) error
		lacks  map[job.Lack]string // without being asked for permissions
		asked  map[job.Lack]string // when that is asked for
		back   []string            // what is as in the archive then, though it was not before
	}{
		"nothing": {
			func(string) error { return nil },
			map[job.Lack]string{job.LackBits: "Album/1.txt"}, nil, []string{"1.txt", "box"},
		},
		"permissions": {
			func(dir string) error {
				return errors.Join(os.Chmod(filepath.Join(dir, "2.txt"), 0o600), os.Chmod(filepath.Join(dir, "box"), 0o700))
			},
			map[job.Lack]string{job.LackBits: "Album/1.txt", job.LackThere: "Album/2.txt: other permissions"}, nil, []string{"1.txt", "2.txt", "box"},
		},
		"a time": {
			func(dir string) error { return os.Chtimes(filepath.Join(dir, "box/3.txt"), later, later) },
			map[job.Lack]string{job.LackBits: "Album/1.txt", job.LackThere: "Album/box/3.txt: another time"},
			map[job.Lack]string{job.LackThere: "Album/box/3.txt: another time"}, []string{"1.txt", "box"},
		},
		"that of a link": {
			func(dir string) error {
				return unix.UtimesNanoAt(unix.AT_FDCWD, filepath.Join(dir, "link"), linkTime, unix.AT_SYMLINK_NOFOLLOW)
			},
			map[job.Lack]string{job.LackBits: "Album/1.txt", job.LackThere: "Album/link: another time"},
			map[job.Lack]string{job.LackThere: "Album/link: another time"}, []string{"1.txt"},
		},
		"attributes": {
			func(dir string) error { return xattr.Set(filepath.Join(dir, "2.txt"), "user.comment", []byte("disk")) },
			map[job.Lack]string{job.LackBits: "Album/1.txt", job.LackThere: "Album/2.txt: other extended attributes"},
			map[job.Lack]string{job.LackThere: "Album/2.txt: other extended attributes"}, []string{"1.txt"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			into := t.TempDir()
			back := filepath.Join(into, "Album")
			if _, report := run(engine(), restoreTo(out, into)); report != "" {
				t.Fatal(report)
			}
			if err := c.change(back); err != nil {
				t.Fatal(err)
			}
			before := held(t, back)
			for _, all := range []bool{false, true} {
				summary, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into, Permissions: all}))
				wanted := map[bool]map[job.Lack]string{false: c.lacks, true: c.asked}[all]
				got := map[job.Lack]string{}
				for _, l := range summary.Lacks {
					got[l.What] = l.First
					if l.Err != nil {
						got[l.What] += ": " + l.Err.Error()
					}
				}
				if report != "" || summary.There != 4 || !maps.Equal(got, wanted) {
					t.Errorf("permissions %t: %d were there, lacking is %v, want %v; %s", all, summary.There, got, wanted, report)
				}
				if now := held(t, back); !all && !maps.Equal(now, before) {
					t.Errorf("it has become\n%v, was\n%v", now, before)
				}
			}
			now := held(t, back)
			for _, name := range c.back {
				if now[name] != want[name] {
					t.Errorf("%s is\n%s, was\n%s", name, now[name], want[name])
				}
			}
			summary, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into, Permissions: true, Overwrite: true}))
			if now = held(t, back); report != "" || len(summary.Lacks) > 0 || !maps.Equal(now, want) {
				t.Errorf("overwriting: %s, lacking is %v, it is\n%v, was\n%v", report, summary.Lacks, now, want)
			}
		})
	}
}
