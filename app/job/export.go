package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"trilobyte/app/archive"
	"trilobyte/codec/stream"
	"trilobyte/codec/wav"
)

// ExportOptions say what Export is to do.
type ExportOptions struct {
	Archive string       // path of the archive
	Dir     string       // folder to export into; it is made if it is not there
	Format  ExportFormat // of the files to make; FLAC if empty
	// Names are the files and folders to export; everything if there are none.
	Names []string
	// Overwrite has files replaced that are there already. Otherwise such a file
	// is left as it is and reported.
	Overwrite bool
}

// Export makes a file for other programs of each recording in an archive: a
// FLAC file, with the strength of `flac -8` and the MD5 of the samples, or a WAV
// file without anything that only some programs understand. It has the same
// samples, the texts of the original (title, artist and so on), its modification
// time and permissions, and the name that ExportFormat.FileName returns. It
// appears under that name when it is complete, on the disk, and made of samples
// that are what the checksums of the archive say.
//
// What the format cannot hold is reported, and so are files called .wav that the
// archive has whole, because they are no integer PCM. What is not audio at all is
// left out, and reported only if it was named. The error is one of the options,
// of opening the archive or the folder, or of the context.
func (e *Engine) Export(ctx context.Context, o ExportOptions) (summary Summary, err error) {
	r := e.report(Exporting)
	kind, err := o.Format.kind()
	if err != nil {
		return r.summary, err
	}
	a, err := archive.Open(e.disk(), o.Archive)
	if err != nil {
		return r.summary, err
	}
	defer a.Close()
	f, err := e.openFolder(o.Dir, o.Overwrite)
	if err != nil {
		return r.summary, err
	}
	defer f.root.Close()
	for _, err := range a.Damage() {
		r.failed("", err)
	}
	entries := chooseAudio(choose(a.Entries(), o.Names, r), o, r)
	x := &exporter{folder: f, format: o.Format, kind: kind}
	u := &unpacker{archive: a, codec: e.Codec, gate: e.Gate, report: r, target: x}
	err = u.run(ctx, e.workers(), entries)
	return r.summary, errors.Join(err, f.finish(r))
}

// chooseAudio returns the entries that are recordings, counts the others, and
// reports those that the user may have expected to be exported.
func chooseAudio(entries []*archive.Entry, o ExportOptions, r *report) []*archive.Entry {
	named := map[string]bool{}
	for _, name := range o.Names {
		named[path.Clean(name)] = true
	}
	var audio []*archive.Entry
	taken := map[string]string{} // names of recordings by those of their files
	for _, e := range entries {
		output := o.Format.FileName(e.Name)
		switch {
		case e.Err != nil:
			audio = append(audio, e) // whose error is reported in its turn
		case e.Kind == archive.KindWAV && taken[output] != "":
			r.failed(e.Name, fmt.Errorf("its %s file would have the same name as that of %s; "+
				"export it alone, into another folder", o.Format.Name(), taken[output]))
		case e.Kind == archive.KindWAV:
			taken[output] = e.Name
			audio = append(audio, e)
		case e.Kind == archive.KindFile && IsRecording(e.Name):
			r.failed(e.Name, errors.New("it has no integer samples, or is damaged, and was kept whole; restore it instead"))
		case e.Kind == archive.KindFolder:
		case named[e.Name]:
			r.failed(e.Name, errors.New("it is not a WAV file; restore it instead"))
		default:
			r.summary.Skipped++
		}
	}
	return audio
}

// exporter is the target of exporting: a folder that gets files for other
// programs.
type exporter struct {
	*folder
	format  ExportFormat
	kind    exportKind
	encoder sampleEncoder // of the file being written
}

// renamed returns the entry as the folder is to have it.
func (x *exporter) renamed(e *archive.Entry) *archive.Entry {
	output := *e
	output.Name = x.format.FileName(e.Name)
	return &output
}

// refuse implements target.
func (x *exporter) refuse(ctx context.Context, e *archive.Entry) error {
	if e.Channels > 0 { // the manifest is not lost
		container := (e.Bits + 7) / 8 * 8
		format := wav.Format{Channels: e.Channels, SampleRate: e.SampleRate, ContainerBits: container, ValidBits: e.Bits}
		if err := x.kind.check(format, e.Frames); err != nil {
			return err
		}
	}
	err := x.folder.refuse(ctx, x.renamed(e))
	if errors.Is(err, ErrThere) {
		return ErrExists // the original, not what is made of it
	}
	return err
}

// begin implements target.
func (x *exporter) begin(e *archive.Entry, d *stream.Decoder) (io.Writer, error) {
	s, err := soundOf(d)
	if err != nil {
		return nil, err
	}
	if err := x.kind.check(s.format, s.frames); err != nil {
		return nil, err
	}
	if _, err := x.folder.begin(x.renamed(e), d); err != nil {
		return nil, err
	}
	if x.encoder, err = x.kind.encoder(x.folder.file, s); err != nil {
		x.abort()
		return nil, err
	}
	h := d.Header()
	audio := h.Frames * int64(h.Format.FrameBytes())
	return &audioWriter{encoder: x.encoder, format: h.Format, before: h.HeadSize, left: audio}, nil
}

// soundOf returns what a WAV file says about its samples.
func soundOf(d *stream.Decoder) (sound, error) {
	head, err := d.Prologue()
	if err != nil {
		return sound{}, err
	}
	tail, err := tailOf(d)
	if err != nil {
		return sound{}, err
	}
	h := d.Header()
	return sound{
		format:   h.Format,
		frames:   h.Frames,
		speakers: h.Format.SpeakerMask(head),
		tags:     firstTags(h.Format.Tags(head, tail)),
	}, nil
}

// maxTail is how much of what follows the audio is searched for texts.
const maxTail = 16 << 20

// tailOf returns the beginning of what follows the audio.
func tailOf(d *stream.Decoder) ([]byte, error) {
	var tail bytes.Buffer
	enough := errors.New("enough")
	err := d.Epilogue(writerFunc(func(p []byte) (int, error) {
		if tail.Len()+len(p) > maxTail {
			return 0, enough
		}
		return tail.Write(p)
	}))
	if errors.Is(err, enough) {
		err = nil
	}
	return tail.Bytes(), err
}

// commit implements target.
func (x *exporter) commit(e *archive.Entry) error {
	if err := x.encoder.Close(); err != nil {
		return err
	}
	return x.folder.commit(x.renamed(e))
}

// audioWriter takes the bytes of a WAV file and gives the samples to an encoder.
type audioWriter struct {
	encoder sampleEncoder
	format  wav.Format
	before  int64 // bytes before the audio that are still to come
	left    int64 // bytes of audio that are still to come
}

// Write takes bytes of the head, whole frames, or bytes of the tail.
func (w *audioWriter) Write(p []byte) (int, error) {
	switch {
	case w.before > 0:
		w.before -= int64(len(p))
	case w.left > 0:
		w.left -= int64(len(p))
		if err := w.encoder.Write(w.format.Samples(p)); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
