package archive

import (
	"encoding/binary"
	"io/fs"
	"time"

	"trilobyte/app/disk"
)

// Kind is what an entry is.
type Kind string

// The kinds of entries.
const (
	KindRecording Kind = "recording" // compressed by codec/stream
	KindFile      Kind = "file"      // deflated or stored whole
	KindFolder    Kind = "folder"    // has no content
	KindLink      Kind = "link"      // a symbolic link; its content is its target
)

// File describes an entry. Its fields after Note are those of recordings. The
// names in JSON are those of the journal.
type File struct {
	Name       string `json:"name"` // with slashes; no slash at the end
	Kind       Kind   `json:"kind"`
	Size       int64  `json:"size"`       // bytes
	Compressed int64  `json:"compressed"` // bytes, without ZIP's headers
	// CRC32C is the CRC-32C of the compressed bytes: it finds damage in bits
	// that do not matter to a decoder. Archives have it of files that are kept
	// whole: every byte of a recording is under the checks of its stream.
	CRC32C uint32 `json:"compressed_crc32c"`
	// CRC32 is ZIP's checksum of the original bytes. Of recordings, which no other
	// program decodes, it is the first four bytes of the SHA-256: see ZIPSum.
	CRC32  uint32 `json:"crc32"`
	SHA256 string `json:"sha256"` // of the original bytes, hexadecimal
	// Modified is in seconds since 1970, and Nanoseconds after that.
	Modified    int64       `json:"modified"`
	Nanoseconds int64       `json:"nanoseconds"`
	Mode        fs.FileMode `json:"mode"` // permissions, setuid, setgid and sticky bits
	// Holes are the parts of a sparse file that take no room, in their order.
	Holes      []disk.Extent    `json:"holes,omitempty"`
	Attributes []disk.Attribute `json:"attributes,omitempty"` // extended ones, by name
	Hidden     bool             `json:"hidden,omitempty"`     // as Windows has it
	// Target is that of a link, escaped as names are.
	Target string `json:"target,omitempty"`
	// SameAs is the name of the entry that holds the content of this one, which has
	// none of its own; and HardLink that of the first one that was the same file on
	// the disk.
	SameAs   string `json:"same_as,omitempty"`
	HardLink string `json:"hard_link,omitempty"`
	// RefersTo are the names of the entries that hold samples of a recording.
	RefersTo []string `json:"refers_to,omitempty"`
	// Note says what is wrong with a recording, or why one is kept whole.
	Note string `json:"note,omitempty"`

	// Format is the kind of file, "wav", "w64", "aiff", "caf", "au" or "flac", also
	// where it is kept whole. Samples is the kind of samples, "int", "float", "mulaw" or
	// "alaw". Where there is audio of several formats in a file, this and the next
	// three are those of the first.
	Format     string `json:"format,omitempty"`
	Samples    string `json:"samples,omitempty"`
	SampleRate uint32 `json:"sample_rate,omitempty"` // Hz
	Bits       int    `json:"bits,omitempty"`        // a sample, as the file declares them
	Channels   int    `json:"channels,omitempty"`
	Frames     int64  `json:"frames,omitempty"`
	// PCMMD5 is the MD5 that FLAC's STREAMINFO has for the same audio (RFC
	// 9639, section 8.2), hexadecimal: of the samples, interleaved, signed,
	// little-endian, in as many bytes as the file has them, or two if they are
	// companded. Archives do not have that of small recordings.
	PCMMD5 string `json:"pcm_md5,omitempty"`
	// FLAC is how many bytes FLAC needs for the same audio at its level 8, the size
	// of the file if it is a FLAC file, or 0 if FLAC cannot hold it.
	FLAC int64 `json:"flac,omitempty"`
}

// ZIPSum is the CRC32 of a file of the given kind whose bytes have these checksums.
func ZIPSum(kind Kind, crc32 uint32, sha256 [32]byte) uint32 {
	if kind == KindRecording {
		return binary.LittleEndian.Uint32(sha256[:])
	}
	return crc32
}

// ModTime is when the file was last modified.
func (f *File) ModTime() time.Time { return time.Unix(f.Modified, f.Nanoseconds) }

// SetModTime sets Modified and Nanoseconds.
func (f *File) SetModTime(t time.Time) {
	f.Modified, f.Nanoseconds = t.Unix(), int64(t.Nanosecond())
}

// Duration is how long the audio lasts.
func (f *File) Duration() time.Duration {
	if f.SampleRate == 0 {
		return 0
	}
	rate := int64(f.SampleRate)
	return time.Duration(f.Frames/rate)*time.Second + time.Duration(f.Frames%rate)*time.Second/time.Duration(rate)
}
