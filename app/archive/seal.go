package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// The seal is the comment of the ZIP archive, which is the end of the file: a
// SHA-256 of all from the archive's own entries on to the seal's digits. So it
// covers the model, the manifest, and the central directory.
const (
	sealPrefix = "Trilobyte archive, directory SHA-256 "
	sealDigits = 2 * sha256.Size
)

func sealComment(sum [sha256.Size]byte) string { return fmt.Sprintf("%s%x", sealPrefix, sum) }

// errSeal is the damage that a broken seal shows.
var errSeal = errors.New("the table of contents at the archive's end is damaged or was changed")

// sealOf returns the seal of an archive of size bytes, whose own entries begin
// at start.
func sealOf(r io.ReaderAt, start, size int64) (string, error) {
	if start < 0 || start > size-sealDigits {
		return "", errSeal
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, start, size-sealDigits-start)); err != nil {
		return "", err
	}
	return sealComment([sha256.Size]byte(h.Sum(nil))), nil
}
