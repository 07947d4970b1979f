// Package report tells what is in an archive, with checksums, for a client or for the
// records of whoever keeps it.
package report

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/queue"
)

// Report is what is known of an archive without decoding it.
type Report struct {
	Archive string // path
	Size    int64  // bytes
	SHA256  string // of the archive, hexadecimal
	Changed time.Time
	Entries []*archive.Entry
	Totals  queue.Totals
	Audio   time.Duration
	Missing []archive.Missing // what was left out when it was made
}

// Of reads an archive. A damaged one has no report: the error says what is damaged.
func Of(ctx context.Context, engine job.Engine, name string) (*Report, error) {
	entries, damage, err := engine.List(name)
	if err == nil && len(damage) > 0 {
		err = damage[0]
	}
	if err != nil {
		return nil, err
	}
	r := &Report{Archive: name, Entries: entries}
	if r.Missing, err = engine.Missing(name); err != nil {
		return nil, err
	}
	for _, e := range entries {
		r.Totals = r.Totals.Plus(queue.TotalsOf(e.File))
		r.Audio += e.Duration()
	}
	return r, r.sum(ctx, engine.Disk)
}

// sum finds out how large the archive is, and its checksum.
func (r *Report) sum(ctx context.Context, d disk.FS) error {
	if d == nil {
		d = disk.OS{}
	}
	file, err := d.Open(r.Archive)
	if err != nil {
		return err
	}
	defer file.Close() // was only read from
	info, err := file.Stat()
	if err != nil {
		return err
	}
	hash := sha256.New()
	if r.Size, err = io.Copy(hash, reader{ctx, file}); err != nil {
		return err
	}
	r.Changed, r.SHA256 = info.ModTime(), hex.EncodeToString(hash.Sum(nil))
	return nil
}

// reader reads until a context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// WriteSHA256 writes the checksums of all files, as sha256sum has them: restored files
// are checked with "sha256sum -c".
func (r *Report) WriteSHA256(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, e := range r.Entries {
		if e.SHA256 == "" || e.Kind == archive.KindFolder || e.Kind == archive.KindLink {
			continue
		}
		escaped := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(archive.RealName(e.Name))
		if escaped != archive.RealName(e.Name) {
			b.WriteByte('\\') // tells that there are escapes
		}
		fmt.Fprintf(b, "%s  %s\n", e.SHA256, escaped)
	}
	return b.Flush()
}

// WriteFFP writes FLAC's fingerprints of the recordings, the MD5 of their samples, as
// traders of recordings have them: each line the name of the FLAC file that an export
// makes, a colon, and the sum. Small recordings and those that FLAC cannot hold have
// none.
func (r *Report) WriteFFP(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, e := range r.Entries {
		name := archive.RealName(e.Name)
		if e.PCMMD5 == "" || e.FLAC == 0 || strings.ContainsAny(name, "\r\n") {
			continue
		}
		name = strings.TrimSuffix(name, path.Ext(name)) + ".flac"
		fmt.Fprintf(b, "%s:%s\n", name, e.PCMMD5)
	}
	return b.Flush()
}
