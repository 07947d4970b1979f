package cli

import (
	"encoding/json"
	"fmt"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

type listCommand struct {
	Archive string `arg:"" help:"The archive."`
	JSON    bool   `name:"json" help:"Print one JSON object a line, for programs."`
}

// Help implements kong.HelpProvider.
func (listCommand) Help() string {
	return `With --json there is a line for each file, with its name, size, compressed and flac (bytes), format (wav, w64, aiff, caf, au, flac), samples (int, float, mulaw, alaw), sample_rate (Hz), bits, channels, frames, sha256, pcm_md5, note, same_as and refers_to. pcm_md5 is the checksum that FLAC files have of their audio (recordings below 64 KiB have none); note says what is wrong with a recording, or why it was kept whole; same_as names the file before it that has the same content, which is stored once, and refers_to those that hold samples of a recording. hard_link (the first file that was the same one on the disk), attributes (the names of extended ones), holes (bytes of a sparse file that take no room) and hidden are there only where there is something to say. A file that was left out when the archive was made, and that no update has brought since, has a line, too, with left_out (the reason), folder, which is true if nobody knows what was in it, and kept, which is true if the archive has what it was before. What is not audio has 0 or "" where only audio has something.

Example:

  trilobyte list Album.trilobyte`
}

// listLine is what list --json prints for a file.
type listLine struct {
	Name       string `json:"name"`
	Size       int64  `json:"size"`
	Compressed int64  `json:"compressed"`
	FLAC       int64  `json:"flac"`
	Format     string `json:"format"`
	Samples    string `json:"samples"`
	SampleRate uint32 `json:"sample_rate"`
	Bits       int    `json:"bits"`
	Channels   int    `json:"channels"`
	Frames     int64  `json:"frames"`
	SHA256     string `json:"sha256"`
	PCMMD5     string `json:"pcm_md5"`
	Note       string `json:"note"`

	SameAs   string   `json:"same_as,omitempty"`
	RefersTo []string `json:"refers_to,omitempty"`

	HardLink   string   `json:"hard_link,omitempty"`
	Attributes []string `json:"attributes,omitempty"` // names of extended ones
	Holes      int64    `json:"holes,omitempty"`      // bytes
	Hidden     bool     `json:"hidden,omitempty"`
}

func newListLine(f archive.File) listLine {
	line := listLine{
		Name: f.Name, Size: f.Size, Compressed: f.Compressed, FLAC: f.FLAC, Format: f.Format, Samples: f.Samples,
		SampleRate: f.SampleRate, Bits: f.Bits, Channels: f.Channels, Frames: f.Frames, SHA256: f.SHA256, PCMMD5: f.PCMMD5,
		Note: f.Note, SameAs: f.SameAs, RefersTo: f.RefersTo, HardLink: f.HardLink, Hidden: f.Hidden,
	}
	for _, a := range f.Attributes {
		line.Attributes = append(line.Attributes, a.Name)
	}
	for _, h := range f.Holes {
		line.Holes += h.Size
	}
	return line
}

// Run lists.
func (c *listCommand) Run(p *program) error {
	var engine job.Engine // listing decodes nothing
	entries, damage, err := engine.List(c.Archive)
	if err != nil {
		return opening(c.Archive, err)
	}
	missing, err := engine.Missing(c.Archive)
	if err != nil {
		return opening(c.Archive, err)
	}
	failed := len(damage) > 0
	for _, err := range damage {
		p.complain(c.Archive, err)
	}
	t := newTable(true)
	lines := json.NewEncoder(p.stdout)
	lines.SetEscapeHTML(false)
	for _, e := range entries {
		switch {
		case e.Err != nil:
			p.complain(e.Name, e.Err)
			failed = true
		case !c.JSON:
			t.add(e.File)
		case e.Kind == archive.KindRecording || e.Kind == archive.KindFile:
			if err := lines.Encode(newListLine(e.File)); err != nil {
				return err
			}
		}
	}
	if !c.JSON {
		if err := t.print(p.stdout); err != nil {
			return err
		}
	}
	for _, m := range missing {
		if c.JSON {
			err = lines.Encode(newListedLeftOutLine(m))
		} else {
			what := "Left out when it was made"
			if m.Kept {
				what = "Not brought up to date"
			}
			_, err = fmt.Fprintf(p.stdout, "%s: %s\n", what, leftOutText(m))
		}
		if err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}
