package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/app/cli"
)

// shown runs a command, and returns what it prints.
func shown(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := cli.Run(args, &stdout, &stderr, nil, "trilobyte 1.2.3-rc1 (commit 0)\nmore"); code != 0 {
		t.Fatalf("%v: exit code %d, %s", args, code, &stderr)
	}
	return stdout.String()
}

// TestWhatIsDescribedIsAll looks for commands, options and values in the manual
// and in what the shells get. Shells that are here say whether they understand it.
func TestWhatIsDescribedIsAll(t *testing.T) {
	texts := map[string]string{"manual": strings.ReplaceAll(shown(t, "manual"), `\-`, "-")}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		texts[shell] = shown(t, "completion", shell)
	}
	for name, text := range texts {
		for _, word := range []string{"compress", "restore", "verify", "completion", "overwrite", "salvage", "never", "always", "trash-originals", "onnx"} {
			if !strings.Contains(text, word) {
				t.Errorf("%s has no %q", name, word)
			}
		}
		for _, hidden := range []string{"model FILE", "--model", "-l model"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s shows %q", name, hidden)
			}
		}
	}
	if !strings.Contains(texts["manual"], `"trilobyte 1.2.3-rc1 (commit 0)"`) {
		t.Error("the manual does not say what it is of")
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		check := exec.Command(shell, "-n", "/dev/stdin")
		check.Stdin = strings.NewReader(texts[shell])
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}

func TestBashCompletes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	script := filepath.Join(t.TempDir(), "completion")
	if err := os.WriteFile(script, []byte(shown(t, "completion", "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	const complete = `source "$1"; shift; COMP_WORDS=(trilobyte "$@"); COMP_CWORD=$#; _trilobyte; echo "${COMPREPLY[*]}"`
	for line, want := range map[string]string{
		"":                             "compress restore", // and so on
		"ver":                          "verify",
		"--ver":                        "--version",
		"compress --pre":               "--preset",
		"compress Album --preset ":     "fast default max",
		"compress Album --preset d":    "default",
		"restore a -C x --overwrite ":  "never always",
		"restore --dir":                "--directory",
		"export a.trilobyte --format ": "flac wav\n",
		"completion z":                 "zsh",
		"compress some":                "",
		"compress Album -o ver":        "",
	} {
		args := append([]string{"-c", complete, "bash", script}, strings.Split(line, " ")...)
		out, err := exec.Command("bash", args...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) || want == "" && string(out) != "\n" {
			t.Errorf("%q is completed with %q, error %v, want %q", line, out, err, want)
		}
	}
}
