package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"trilobyte/app/archive"
	"trilobyte/codec/flac"
	"trilobyte/codec/stream"
	"trilobyte/codec/wav"
)

// ExportOptions say what Export is to do.
type ExportOptions struct {
	Archive string // path of the archive
	Dir     string // folder to export into; it is made if it is not there
	// Names are the files and folders to export; everything if there are none.
	Names []string
	// Overwrite has files replaced that are there already. Otherwise such a file
	// is left as it is and reported.
	Overwrite bool
}

// Export makes a FLAC file of each WAV file in an archive, with the strength of
// `flac -8`, the MD5 of the samples, and the texts in the WAV file as Vorbis
// comments. It has the modification time and the permissions of the WAV file,
// and the name that FLACName returns. It appears under that name when it is
// complete, on the disk, and made of samples that are what the checksums of the
// archive say.
//
// What FLAC cannot hold is reported: audio with more than 8 channels, and files
// called .wav that the archive has whole, because they are no integer PCM. What
// is not audio at all is left out, and reported only if it was named. The error
// is one of opening the archive or the folder, or of the context.
func (e *Engine) Export(ctx context.Context, o ExportOptions) (summary Summary, err error) {
	r := e.report(Exporting)
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
	entries := chooseAudio(choose(a.Entries(), o.Names, r), o.Names, r)
	u := &unpacker{archive: a, codec: e.Codec, gate: e.Gate, report: r, target: &exporter{folder: f}}
	err = u.run(ctx, e.workers(), entries)
	return r.summary, errors.Join(err, f.finish(r))
}

// FLACName returns the name that Export gives to the FLAC file of a WAV file:
// .flac takes the place of a recording's extension, and is added to other names.
func FLACName(name string) string {
	return withoutExtension(name) + ".flac"
}

// chooseAudio returns the entries that are WAV files, counts the others, and
// reports those that the user may have expected to become FLAC files.
func chooseAudio(entries []*archive.Entry, names []string, r *report) []*archive.Entry {
	named := map[string]bool{}
	for _, name := range names {
		named[path.Clean(name)] = true
	}
	var audio []*archive.Entry
	taken := map[string]string{} // names of WAV files by those of FLAC files
	for _, e := range entries {
		output := FLACName(e.Name)
		switch {
		case e.Err != nil:
			audio = append(audio, e) // whose error is reported in its turn
		case e.Kind == archive.KindWAV && taken[output] != "":
			r.failed(e.Name, fmt.Errorf("its FLAC file would have the same name as that of %s; export it alone, into another folder", taken[output]))
		case e.Kind == archive.KindWAV:
			taken[output] = e.Name
			audio = append(audio, e)
		case e.Kind == archive.KindFile && IsRecording(e.Name):
			r.failed(e.Name, errors.New("FLAC cannot hold it: it has no integer samples, or is damaged, and was kept whole; restore it instead"))
		case e.Kind == archive.KindFolder:
		case named[e.Name]:
			r.failed(e.Name, errors.New("it is not a WAV file; restore it instead"))
		default:
			r.summary.Skipped++
		}
	}
	return audio
}

// exporter is the target of exporting: a folder that gets FLAC files.
type exporter struct {
	*folder
	encoder *flac.Encoder // of the file being written
}

// renamed returns the entry as the folder is to have it.
func renamed(e *archive.Entry) *archive.Entry {
	output := *e
	output.Name = FLACName(e.Name)
	return &output
}

// refuse implements target.
func (x *exporter) refuse(ctx context.Context, e *archive.Entry) error {
	if e.Channels > 0 { // the manifest is not lost
		format := flac.Format{Channels: e.Channels, Bits: (e.Bits + 7) / 8 * 8, SampleRate: e.SampleRate}
		if err := format.Check(); err != nil {
			return err
		}
	}
	return x.folder.refuse(ctx, renamed(e))
}

// begin implements target.
func (x *exporter) begin(e *archive.Entry, d *stream.Decoder) (io.Writer, error) {
	header := d.Header()
	head, err := d.Prologue()
	if err != nil {
		return nil, err
	}
	tail, err := tailOf(d)
	if err != nil {
		return nil, err
	}
	if _, err := x.folder.begin(renamed(e), d); err != nil {
		return nil, err
	}
	f := header.Format
	x.encoder, err = flac.NewEncoder(io.NewOffsetWriter(x.folder.file, 0),
		flac.Format{Channels: f.Channels, Bits: f.ContainerBits, SampleRate: f.SampleRate}, comments(f, head, tail))
	if err != nil {
		x.abort()
		return nil, err
	}
	return &audioWriter{encoder: x.encoder, format: f, before: header.HeadSize, left: header.Frames * int64(f.FrameBytes())}, nil
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
	return x.folder.commit(renamed(e))
}

// audioWriter takes the bytes of a WAV file and gives the samples to an encoder.
type audioWriter struct {
	encoder *flac.Encoder
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
