package job

import (
	"context"
	"io"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/codec/stream"
)

// Verify reads all of an archive, decodes every file and compares it with all
// checksums. What is damaged is reported, with the name of the file and, of a
// recording, which seconds of it that is. The error is one of opening the
// archive, or of the context.
func (e *Engine) Verify(ctx context.Context, path string) (Summary, error) {
	return e.verify(ctx, e.report(Verifying), path, func(*archive.Entry) bool { return true })
}

// verify is Verify for some of the entries.
func (e *Engine) verify(ctx context.Context, r *report, path string, which func(*archive.Entry) bool) (Summary, error) {
	a, err := archive.Open(e.disk(), path)
	if err != nil {
		return r.summary, err
	}
	defer a.Close()
	r.summary.ArchiveSize = a.Size()
	for _, err := range a.Damage() {
		r.failed("", err)
	}
	r.summary.Missing = a.Missing()
	u := &unpacker{archive: a, codec: e.Codec, gate: e.Gate, report: r, target: nowhere{}, follower: nowhere{}, damaged: findAll}
	entries := slices.DeleteFunc(slices.Clone(a.Entries()), func(e *archive.Entry) bool { return !which(e) })
	return r.summary, u.run(ctx, e.crew, entries)
}

// nowhere is the target of verification.
type nowhere struct{}

func (nowhere) refuse(ctx context.Context, e *archive.Entry) error {
	return e.Check(ctx)
}

func (nowhere) begin(context.Context, *archive.Entry, *stream.Decoder) (io.Writer, error) {
	return io.Discard, nil
}

func (nowhere) commit(*archive.Entry) error { return nil }

func (nowhere) abort() {}

// List returns what is in an archive, and what is damaged in its table of
// contents or its manifest. The entries that must not be restored say so.
func (e *Engine) List(path string) (entries []*archive.Entry, damage []error, err error) {
	a, err := archive.Open(e.disk(), path)
	if err != nil {
		return nil, nil, err
	}
	return a.Entries(), a.Damage(), a.Close()
}

// Missing returns what was left out when an archive was made, and has not been
// brought since.
func (e *Engine) Missing(path string) ([]archive.Missing, error) {
	a, err := archive.Open(e.disk(), path)
	if err != nil {
		return nil, err
	}
	return a.Missing(), a.Close()
}
