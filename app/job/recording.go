package job

import (
	"path/filepath"
	"slices"
	"strings"

	"trilobyte/app/archive"
)

// recordingExtensions are those of WAV files, in lower case.
var recordingExtensions = []string{".wav", ".wave", ".bwf", ".rf64", ".bw64"}

// RecordingExtensions returns how the names of recordings end, in lower case.
func RecordingExtensions() []string { return slices.Clone(recordingExtensions) }

// IsRecording says whether a file is called as recordings are. What is in it is
// another question.
func IsRecording(name string) bool {
	return slices.Contains(recordingExtensions, strings.ToLower(filepath.Ext(name)))
}

// withoutExtension takes the extension off the name of a recording.
func withoutExtension(name string) string {
	if IsRecording(name) {
		return strings.TrimSuffix(name, filepath.Ext(name))
	}
	return name
}

// ArchiveName returns how the archive of a file or folder is called.
func ArchiveName(path string) string {
	return withoutExtension(filepath.Base(path)) + archive.Extension
}
