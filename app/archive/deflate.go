package archive

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
)

// deflateLevel is that of everything that is deflated. The levels above 6 take
// three times as long for 1 % less.
const deflateLevel = 6

// deflate compresses content to w.
func deflate(w io.Writer, content []byte) error {
	d, err := flate.NewWriter(w, deflateLevel)
	if err != nil {
		return err
	}
	if _, err := d.Write(content); err != nil {
		return err
	}
	return d.Close()
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
	d, err := flate.NewWriterDict(&b, deflateLevel, before)
	if err != nil {
		return nil, err
	}
	if _, err := d.Write(part); err != nil {
		return nil, err
	}
	if last {
		err = d.Close()
	} else {
		err = d.Flush()
	}
	return b.Bytes(), err
}

// inflateAll is the inverse of deflate, for content that has to be in memory.
// It reads no more than limit bytes.
func inflateAll(r io.Reader, limit int64) ([]byte, error) {
	d := flate.NewReader(r)
	defer d.Close()
	b, err := io.ReadAll(io.LimitReader(d, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("more than %d bytes come out of it", limit)
	}
	return b, nil
}
