package job

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"trilobyte/app/archive"
)

// Resumed says, after Planned, that an interrupted run of the same job has done
// so many of the files already, and that these are kept.
type Resumed struct {
	Files int   // folders left out
	Bytes int64 // of the original files
}

func (Resumed) event() {}

// resume keeps what an interrupted run has put into the archive, up to the
// first file that has not the same content any more; times, modes and the like become
// what they are now. It returns the items that are done, in the order of the archive,
// and those that are left to do.
func (e *Engine) resume(ctx context.Context, w *archive.Writer, report *report, all []item) (done, rest []item, err error) {
	recovered, err := w.Recover(ctx)
	if err != nil {
		return nil, nil, err
	}
	items := map[string]item{}
	for _, it := range all {
		items[it.name] = it
	}
	files := recovered.Files()
	r := Resumed{}
	linked := links{}
	for i := range files {
		f := &files[i]
		it, ok := items[f.Name]
		if ok {
			ok, err = e.sameContent(ctx, it, f, true)
		}
		if err != nil {
			return nil, nil, err
		}
		if !ok || it.kind == archive.KindFile && linked.first(it) != f.HardLink {
			break
		}
		it.describe(e.disk(), report.lacks, f)
		recovered.Describe(i, *f)
		delete(items, f.Name)
		done = append(done, it)
		r.Bytes += f.Size
		if f.Kind != archive.KindFolder {
			r.Files++
		}
	}
	if err := w.Keep(recovered[:len(done)]); err != nil || len(done) == 0 {
		return nil, all, err
	}
	report.send(r)
	for _, f := range files[:len(done)] {
		t := fileProgress{report: report, name: f.Name, size: f.Size}
		t.started()
		t.add(f.Size, 0)
		report.done(f)
	}
	for _, it := range all {
		if _, ok := items[it.name]; ok {
			rest = append(rest, it)
		}
	}
	return done, rest, nil
}

// sumOf returns the SHA-256 of a file that is as it was when it was found.
func (e *Engine) sumOf(ctx context.Context, it item) (sum []byte, err error) {
	file, err := e.disk().Open(it.path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	if _, err := copyPausing(ctx, e.Gate, h, io.NewSectionReader(file, 0, it.info.Size())); err != nil {
		return nil, err
	}
	if now, err := file.Stat(); err != nil || !unchanged(now, it.info) {
		return nil, cmp.Or(err, ErrChanged)
	}
	return h.Sum(nil), nil
}
