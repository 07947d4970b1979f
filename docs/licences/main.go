// Command licences writes docs/licences.md: the licences of everything that is
// linked into the program, on every system and with and without the window.
//
//	go run ./docs/licences > docs/licences.md
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	b, err := document()
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
	os.Stdout.Write(b)
}

// module is what is linked in.
type module struct {
	Path    string
	Version string
	Dir     string
}

// document returns the whole text.
func document() ([]byte, error) {
	modules, err := linked()
	if err != nil {
		return nil, err
	}
	var table, texts bytes.Buffer
	for _, m := range modules {
		text, err := licence(m.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		name, err := identify(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", m.Path, m.Version, name)
		fmt.Fprintf(&texts, "\n## %s\n\n```\n%s\n```\n", m.Path, strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"))
	}
	var b bytes.Buffer
	b.WriteString("# Licences of what is in the program\n\n" +
		"Trilobyte's own licence is in LICENSE. The program contains, depending on the\n" +
		"system and on whether it has a window, the following modules and the Go\n" +
		"library. This file is written by `make licences`, and a test compares it with\n" +
		"what is linked in.\n\n" +
		"| Module | Version | Licence |\n|---|---|---|\n")
	b.Write(table.Bytes())
	b.Write(texts.Bytes())
	return b.Bytes(), nil
}

// linked returns the modules of all variants of the program, and the Go library.
func linked() ([]module, error) {
	found := map[string]module{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, tags := range []string{"", "headless"} {
			if err := list(system, tags, found); err != nil {
				return nil, err
			}
		}
	}
	var modules []module
	for _, m := range found {
		if m.Dir == "" {
			var err error
			if m, err = download(m); err != nil {
				return nil, err
			}
		}
		modules = append(modules, m)
		if m.Path == "golang.org/x/sys" {
			// The licence is the same, and not every Go is installed with its own.
			modules = append(modules, module{Path: "The Go library", Version: "of the compiler", Dir: m.Dir})
		}
	}
	slices.SortFunc(modules, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return modules, nil
}

// list adds the modules of one variant of the program.
func list(system, tags string, found map[string]module) error {
	env := []string{"GOOS=" + system, "CGO_ENABLED=1", "GOARCH=amd64"}
	out, err := run(env, "list", "-e", "-deps", "-tags", tags, "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}", "trilobyte")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(fields) < 2 {
			continue
		}
		m := module{Path: fields[0], Version: fields[1]}
		if len(fields) == 3 {
			m.Dir = fields[2]
		}
		found[m.Path] = m
	}
	return nil
}

// download gets a module that only other systems need.
func download(m module) (module, error) {
	out, err := run(nil, "mod", "download", "-json", m.Path+"@"+m.Version)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(out, &m)
}

func run(env []string, args ...string) ([]byte, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), env...)
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, &problem)
	}
	return out, nil
}

// licence returns the text of the licence in a module's folder, and of its
// notices.
func licence(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || strings.HasSuffix(name, ".GO") || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") && !strings.HasPrefix(name, "NOTICE") {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s\n\n", strings.TrimSpace(string(b)))
	}
	if text.Len() == 0 {
		return "", errors.New("it has no licence")
	}
	return text.String(), nil
}

// identify names a licence (SPDX) by what only it says. Licences that the
// program must not be linked with are not among them.
func identify(text string) (string, error) {
	plain := strings.ToLower(strings.Join(strings.Fields(text), " "))
	var names []string
	for _, l := range []struct{ phrase, name string }{
		{"apache license version 2.0", "Apache-2.0"},
		{"mozilla public license", "MPL-2.0"},
		{"neither the name of", "BSD-3-Clause"},
		{"permission is hereby granted, free of charge", "MIT"},
		{"permission to use, copy, modify, and/or distribute", "ISC"},
		{"this is free and unencumbered software released into the public domain", "Unlicense"},
		{"freetype", "FTL"},
	} {
		if strings.Contains(plain, l.phrase) {
			names = append(names, l.name)
		}
	}
	if len(names) == 0 && strings.Contains(plain, "redistributions in binary form must reproduce") {
		names = append(names, "BSD-2-Clause")
	}
	if len(names) == 0 && strings.Contains(plain, "creative commons zero") || strings.Contains(plain, "cc0 1.0 universal") {
		names = append(names, "CC0-1.0")
	}
	if strings.Contains(plain, "gnu general public license") && !strings.Contains(plain, "mozilla public license") {
		return "", errors.New("it is under the GNU General Public License")
	}
	if len(names) == 0 {
		return "", errors.New("its licence is not one that is known here")
	}
	return strings.Join(names, " and "), nil
}
