package simd

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The program is run again with the variable set: it says which path it uses, or why it cannot.
func TestVariable(t *testing.T) {
	if os.Getenv("TRILOBYTE_TEST_REPORT") != "" {
		os.Stdout.WriteString(string(InUse()) + "\n")
		if err := Check(); err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
		}
		os.Exit(0)
	}
	report := func(value string) string {
		c := exec.Command(os.Args[0], "-test.run=^TestVariable$")
		c.Env = append(os.Environ(), "TRILOBYTE_TEST_REPORT=1", Variable+"="+value)
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, s := range Survey() {
		got := report(string(s.Path))
		if s.Err == nil && got != string(s.Path)+"\n" {
			t.Errorf("%s=%s: %q", Variable, s.Path, got)
		}
		if s.Err != nil && (!strings.HasPrefix(got, "go\n") || !strings.Contains(got, s.Err.Error())) {
			t.Errorf("%s=%s, which this machine cannot use: %q", Variable, s.Path, got)
		}
	}
	if got := report(""); got != string(Paths()[0])+"\n" {
		t.Errorf("without the variable: %q, want the fastest path %s", got, Paths()[0])
	}
	if got := report("sse9"); !strings.HasPrefix(got, "go\n") || !strings.Contains(got, "sse9 is unknown") {
		t.Errorf("an unknown path: %q", got)
	}
}

// The path avx2 must run on processors without AVX-512, which have no vectors above 15, no masks and no 512 bits. Machines
// that have it run such instructions on this path, too, so other tests do not notice them.
func TestAVX2NeedsNoAVX512(t *testing.T) {
	beyond := regexp.MustCompile(`\b[XY](1[6-9]|2\d|3[01])\b|\bZ\d+\b|\bK[0-7]\b|Requires:.*AVX512`)
	files, err := filepath.Glob("../*/avx2_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"../entropy/*", "../../flac"} {
		more, err := filepath.Glob(folder + "/avx2_amd64.s")
		if err != nil {
			t.Fatal(err)
		}
		if len(more) == 0 {
			t.Errorf("there are no kernels in %s", folder)
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		t.Fatal("there are no kernels")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if beyond.MatchString(line) {
				t.Errorf("%s:%d: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
}

func TestUse(t *testing.T) {
	defer Use(InUse())
	for _, p := range Paths() {
		if err := Use(p); err != nil || InUse() != p {
			t.Errorf("Use(%s): %v, in use is %s", p, err, InUse())
		}
	}
	if err := Use("sse9"); err == nil {
		t.Error("Use took a path that does not exist")
	}
}

// A package whose kernels are wrong on a path has the path refused.
func TestRegister(t *testing.T) {
	beforeUsers, beforeSurvey, inUse := users, slices.Clone(survey), InUse()
	defer func() { users, survey = beforeUsers, beforeSurvey; Use(inUse) }()
	fastest := Paths()[0]
	if fastest == Go {
		t.Skip("there is only plain Go here")
	}
	var tested Path
	Register(func(p Path) { tested = p }, func() error {
		if tested == fastest {
			return errKnownAnswer
		}
		return nil
	})
	if InUse() == fastest || tested != InUse() {
		t.Errorf("%s is in use, the package is told %s, though its kernels are wrong on %s", InUse(), tested, fastest)
	}
	if err := Use(fastest); !errors.Is(err, errKnownAnswer) {
		t.Errorf("the path with wrong kernels: %v", err)
	}
}
