package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestForWindow(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"Album", "compress"} {
		if err := os.Mkdir(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	here, err := filepath.Abs("Album")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want bool
	}{
		{nil, true},
		{[]string{"Album"}, true},
		{[]string{here, "x"}, true},
		{[]string{"compress", "Album"}, false}, // also where a folder is called so
		{[]string{"./compress"}, true},
		{[]string{"--help"}, false},
		{[]string{"gone"}, false}, // the terminal says that it is no command
	} {
		if got := ForWindow(test.args); got != test.want {
			t.Errorf("%q: %v", test.args, got)
		}
	}
}
