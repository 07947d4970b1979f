package main

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"trilobyte/codec"
)

// versionFile has the version of the program, like 1.0.0, or 1.0.0-rc1 before it is released.
//
//go:embed VERSION
var versionFile string

// commit is the commit that the program was made from. The Makefile sets it.
var commit string

// version returns the version of the program, and the commit that it was made from, if that is known.
func version() string {
	v, from := strings.TrimSpace(versionFile), commit
	if info, ok := debug.ReadBuildInfo(); ok && from == "" {
		from = commitOf(info)
	}
	if from != "" {
		v += " (commit " + from + ")"
	}
	return v
}

// commitOf returns the commit that the go command found when it built the program, or "".
func commitOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if len(revision) > 12 {
		revision = revision[:12]
	}
	if settings["vcs.modified"] == "true" {
		revision += "-dirty"
	}
	return revision
}

// versions returns what --version shows: the program's version, what it was made with, and the identities of the models
// of all presets, with which archives name them.
func versions() string {
	var b strings.Builder
	fmt.Fprintf(&b, "trilobyte %s\n%s %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, preset := range codec.Presets() {
		file, err := codec.Preset(preset)
		if err == nil { // it lists what there is
			fmt.Fprintf(&b, "\nmodel %-7s %x", preset, sha256.Sum256(file))
		}
	}
	return b.String()
}
