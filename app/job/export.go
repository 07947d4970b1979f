package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"trilobyte/app/archive"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// ExportOptions say what Export is to do.
type ExportOptions struct {
	Archive string       // path of the archive
	Dir     string       // folder to export into; it is made if it is not there
	Format  ExportFormat // of the files to make
	// Names are the files and folders to export; everything if there are none.
	Names []string
	// Overwrite has files replaced that are there already. Otherwise such a file
	// is left as it is and reported.
	Overwrite bool
}

// Export makes a file for other programs of each recording in an archive: a
// FLAC file, with the strength of `flac -8` and the MD5 of the samples, or a WAV
// file without anything that only some programs understand. It has the same
// samples (companded ones as 16 bits), the texts of the original (in a WAV file:
// title, artist, album, date, genre, comment, track number, and those of its
// LIST/INFO chunk), its modification time and permissions, and the name that
// ExportFormat.FileName returns. It appears under that name when it is complete,
// on the disk, and made of samples that are what the checksums of the archive say.
// The FLAC file of a FLAC file is the original, with all that is in it.
//
// What the format cannot hold is reported, and so are recordings that the archive
// has whole. What is not audio at all is left out, and reported only if it was
// named. The error is one of the options, of opening the archive or the folder, or
// of the context.
func (e *Engine) Export(ctx context.Context, o ExportOptions) (summary Summary, err error) {
	r := e.report(Exporting)
	if _, ok := exportKinds[o.Format]; !ok && o.Format != FLACOrWAV {
		return r.summary, fmt.Errorf("there is no export to %s files: choose %s or %s", o.Format.Name(), FLAC.Name(), WAV.Name())
	}
	a, err := archive.Open(e.disk(), o.Archive)
	if err != nil {
		return r.summary, err
	}
	defer a.Close()
	f, err := e.openFolder(o.Dir, RestoreOptions{Overwrite: o.Overwrite}, r)
	if err != nil {
		return r.summary, err
	}
	defer f.root.Close()
	for _, err := range a.Damage() {
		r.failed("", err)
	}
	r.summary.Missing = missingAmong(a.Missing(), o.Names)
	entries := chooseAudio(choose(a, o.Names, r), o, r)
	x := &exporter{folder: f, format: o.Format}
	u := &unpacker{archive: a, codec: e.Codec, gate: e.Gate, report: r, target: x}
	err = u.run(ctx, e.crew, entries)
	return r.summary, errors.Join(err, f.finish(r))
}

// chooseAudio returns the entries that are recordings, counts the others, and
// reports those that the user may have expected to be exported.
func chooseAudio(entries []*archive.Entry, o ExportOptions, r *report) []*archive.Entry {
	named := map[string]bool{}
	for _, name := range o.Names {
		named[path.Clean(name)], named[archive.EscapeName(path.Clean(name))] = true, true
	}
	var audio []*archive.Entry
	taken := map[string]string{} // names of recordings by those of their files
	for _, e := range entries {
		if e.Err == nil && e.Kind == archive.KindRecording && o.Format.FileName(e.File) == e.Name {
			taken[e.Name] = e.Name // it is such a file already, whatever others would have to be called
		}
	}
	for _, e := range entries {
		output := o.Format.FileName(e.File)
		switch {
		case e.Err != nil:
			audio = append(audio, e) // whose error is reported in its turn
		case e.Kind == archive.KindRecording && taken[output] != "" && taken[output] != e.Name:
			r.failed(e.Name, fmt.Errorf("its %s file would have the same name as that of %s; "+
				"export it alone, into another folder", o.Format.For(e.File).Name(), taken[output]))
		case e.Kind == archive.KindRecording:
			taken[output] = e.Name
			audio = append(audio, e)
		case e.Kind == archive.KindFile && e.Note != "":
			r.failed(e.Name, fmt.Errorf("it was kept whole (%s); restore it instead", e.Note))
		case e.Kind == archive.KindFolder:
		case named[e.Name]:
			r.failed(e.Name, errors.New("it is not a recording; restore it instead"))
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
	encoder sampleEncoder // of the file being written, nil if that is the original
}

// renamed returns the entry as the folder is to have it.
func (x *exporter) renamed(e *archive.Entry) *archive.Entry {
	output := *e
	output.Name = x.format.FileName(e.File)
	output.Mode, output.Holes, output.Attributes, output.Hidden = e.Mode.Perm(), nil, nil, false // those of the original
	return &output
}

// kind returns how the file of an entry is made.
func (x *exporter) kind(e *archive.Entry) exportKind { return exportKinds[x.format.For(e.File)] }

// refuse implements target.
func (x *exporter) refuse(ctx context.Context, e *archive.Entry) error {
	if format, ok := formatOf(e.File); ok {
		if err := x.kind(e).check(format, e.Frames); err != nil {
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
func (x *exporter) begin(ctx context.Context, e *archive.Entry, d *stream.Decoder) (io.Writer, error) {
	x.encoder = nil
	if d.Header().FLAC() && x.format.For(e.File) == FLAC {
		return x.folder.begin(ctx, x.renamed(e), d)
	}
	s, err := soundOf(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := x.kind(e).check(s.format, s.frames); err != nil {
		return nil, err
	}
	if _, err := x.folder.begin(ctx, x.renamed(e), d); err != nil {
		return nil, err
	}
	if x.encoder, err = x.kind(e).encoder(x.folder.file, s); err != nil {
		x.abort()
		return nil, err
	}
	return pcmWriter{x.encoder}, nil
}

// soundOf returns what a file says about its samples.
func soundOf(ctx context.Context, d *stream.Decoder) (sound, error) {
	h := d.Header()
	if !h.OneFormat() {
		return sound{}, errors.New("its audio is not all of one kind (sample rate, channels and so on); restore it instead")
	}
	kept, err := keptBytes(ctx, d)
	if err != nil {
		return sound{}, err
	}
	spans := h.Layout()
	m, err := recording.Tags(recording.KeptReader(spans, kept), h.Size(), spans)
	if err != nil {
		return sound{}, err
	}
	return sound{format: h.Format(), frames: h.Frames(), speakers: m.Speakers, tags: firstTags(m.Tags)}, nil
}

// maxKept is how much of what is not audio is searched for texts.
const maxKept = 64 << 20

// keptBytes returns what is not audio, or the beginning of it.
func keptBytes(ctx context.Context, d *stream.Decoder) ([]byte, error) {
	var kept []byte
	for i := range d.Parts() {
		if d.Place(i).Audio() {
			continue
		}
		if len(kept) > maxKept {
			break
		}
		part, err := d.Part(ctx, i, nil)
		if err != nil {
			return nil, err
		}
		kept = append(kept, part.Raw...)
	}
	return kept, nil
}

// commit implements target.
func (x *exporter) commit(e *archive.Entry) error {
	if x.encoder != nil {
		if err := x.encoder.Close(); err != nil {
			return err
		}
	}
	return x.folder.commit(x.renamed(e))
}

// pcmWriter takes the audio of a recording, whole frames as recording.Format.PCM
// has them, and gives it to an encoder.
type pcmWriter struct{ encoder sampleEncoder }

// Write takes the audio of the next part, nothing if it has none.
func (w pcmWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return len(p), w.encoder.Write(p)
}
