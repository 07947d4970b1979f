package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"
)

// deflateLevel is that of everything that is deflated. The levels above 6 take
// three times as long for 1 % less.
const deflateLevel = 6

// deflate compresses content to w. Its parts share no block of symbols: that pays
// where they have nothing in common.
func deflate(w io.Writer, parts ...[]byte) error {
	d, err := flate.NewWriter(w, deflateLevel)
	if err != nil {
		return err
	}
	for i, part := range parts {
		if i > 0 {
			if err := d.Flush(); err != nil {
				return err
			}
		}
		if _, err := d.Write(part); err != nil {
			return err
		}
	}
	return d.Close()
}

// pack returns what parts are in an archive, and how they are compressed: deflated apart,
// or stored if that is not larger or a small archive would take much memory.
func pack(parts ...[]byte) (packed []byte, method uint16, err error) {
	var b bytes.Buffer
	if err := deflate(&b, parts...); err != nil {
		return nil, 0, err
	}
	content := slices.Concat(parts...)
	if b.Len() >= len(content) || len(content) > mostInflated*b.Len() {
		return content, zip.Store, nil
	}
	return b.Bytes(), zip.Deflate, nil
}

// DeflatePart returns the deflated form (RFC 1951) of a part of a file, such
// that the forms of all parts of the file, one after the other, are that of the
// whole file. before is what precedes the part, of which the last 32 KiB are of
// use; last says that it is the last part.
//
// The result is the same on every machine, and with every version of Go,
// because this module names the version of the deflater.
func DeflatePart(before, part []byte, last bool) ([]byte, error) {
	var b bytes.Buffer
	d, ok := deflaters.Get().(*flate.Writer)
	if !ok {
		var err error
		if d, err = flate.NewWriter(nil, deflateLevel); err != nil {
			return nil, err
		}
	}
	d.ResetDict(&b, before)
	defer func() {
		d.ResetDict(io.Discard, nil)
		deflaters.Put(d)
	}()
	_, err := d.Write(part)
	switch {
	case err != nil:
	case last:
		err = d.Close()
	default:
		err = d.Flush()
	}
	return b.Bytes(), err
}

// deflaters are those that DeflatePart has no use for at the moment: one takes most of a megabyte, which is more than most parts.
var deflaters sync.Pool
