package job

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/codec/recording"
)

// recordingExtensions are those of the files whose samples are coded, in lower
// case.
var recordingExtensions = []string{
	".wav", ".wave", ".bwf", ".rf64", ".bw64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".au", ".snd", ".flac",
}

// otherExtensions are those of recordings that are compressed already, or not
// supported, in lower case.
var otherExtensions = []string{
	".mp3", ".mp2", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".wv", ".ape", ".tta", ".tak", ".ofr",
	".mpc", ".ac3", ".dts", ".dsf", ".dff", ".voc", ".sph", ".8svx", ".mka",
}

// RecordingExtensions returns how the names of recordings end that are worth
// archiving, in lower case.
func RecordingExtensions() []string { return slices.Clone(recordingExtensions) }

// IsRecording says whether a file is called as recordings are that are worth
// archiving. What is in it is another question.
func IsRecording(name string) bool { return hasExtension(name, recordingExtensions) }

func hasExtension(name string, extensions []string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
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

// hasAudio says whether audio was found in a file.
func hasAudio(f *recording.File) bool { return slices.ContainsFunc(f.Spans, recording.Span.Audio) }

// maxRemarks is how many remarks about a file a note has.
const maxRemarks = 4

// noteOf says what is wrong with a file of that name, or why it is kept whole
// although it is a recording, or is called as one. It is "" for all others.
func noteOf(name string, f *recording.File) string {
	audio := hasAudio(f)
	if !audio && f.Container == "" && !IsRecording(name) && !hasExtension(name, otherExtensions) {
		return ""
	}
	var remarks []string
	for _, r := range f.Reasons {
		remarks = append(remarks, r.String())
	}
	for _, n := range f.Notes {
		if audio {
			remarks = append(remarks, n.String())
		}
	}
	if more := len(remarks) - maxRemarks; more > 0 {
		remarks = append(remarks[:maxRemarks], fmt.Sprintf("and %d things more", more))
	}
	return strings.Join(remarks, "; ")
}
