package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

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
// first file that is not the same any more. It returns the items that are done, in
// the order of the archive, and those that are left to do.
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
	for _, f := range files {
		it, ok := items[f.Name]
		if ok {
			ok, err = e.same(ctx, it, f)
		}
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			break
		}
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

// same says whether what is to be archived is what has been. Files are read
// again: their size and time do not prove it. The time of a folder may have
// changed by the making of the archive in it.
func (e *Engine) same(ctx context.Context, it item, f archive.File) (bool, error) {
	if modeOf(it.info) != f.Mode {
		return false, nil
	}
	sameTime := it.info.ModTime().Equal(f.ModTime())
	switch {
	case it.kind == archive.KindFolder:
		return f.Kind == archive.KindFolder, nil
	case it.kind == archive.KindLink:
		return f.Kind == archive.KindLink && archive.EscapeName(it.target) == f.Target && sameTime, nil
	case f.Kind != archive.KindRecording && f.Kind != archive.KindFile, it.info.Size() != f.Size, !sameTime:
		return false, nil
	}
	sum, err := e.sumOf(ctx, it)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil && hex.EncodeToString(sum) == f.SHA256, nil
}

// sumOf returns the SHA-256 of a file.
func (e *Engine) sumOf(ctx context.Context, it item) (sum []byte, err error) {
	file, err := e.disk().Open(it.path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(info, it.info) {
		return nil, ErrChanged
	}
	h := sha256.New()
	if _, err := copyPausing(ctx, e.Gate, h, io.NewSectionReader(file, 0, it.info.Size())); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
