package power

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestDo puts a program of ours in the place of the system's, and looks at how it is called.
func TestDo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the program of ours is a shell script")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if Can(Sleep) || !Can(Nothing) {
		t.Error("it can sleep without a program for it")
	}
	if err := Do(Sleep); err == nil {
		t.Error("it sleeps without a program for it")
	}
	script := "#!/bin/sh\necho \"$@\" >> '" + filepath.Join(dir, "calls") + "'\n[ $1 = suspend ] || { echo not allowed; exit 1; }\n"
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Do(Nothing); err != nil || !Can(Sleep) {
		t.Error(err)
	}
	if err := Do(Sleep); err != nil {
		t.Error(err)
	}
	if err := Do(ShutDown); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("the error is %v", err)
	}
	if calls, err := os.ReadFile(filepath.Join(dir, "calls")); err != nil || string(calls) != "suspend\npoweroff\n" {
		t.Errorf("called with %q, %v", calls, err)
	}
}
