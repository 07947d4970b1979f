package cli

import (
	"context"
	"fmt"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/codec/backend"
)

type exportCommand struct {
	Archive   string           `arg:"" help:"The archive."`
	Names     []string         `arg:"" optional:"" name:"name" help:"Files and folders to export, as 'trilobyte list' shows them: by default, everything."`
	Format    job.ExportFormat `enum:",flac,wav" default:"" placeholder:"flac|wav" help:"The kind of files to make: by default flac where that can hold the audio, and wav elsewhere."`
	Directory string           `short:"C" name:"directory" placeholder:"DIR" default:"." help:"The folder to export into: by default, this one."`
	Overwrite string           `enum:"never,always" default:"never" placeholder:"never|always" help:"Whether files that exist are replaced. By default they are left as they are, and reported."`
	JSON      bool             `name:"json" help:"Print one JSON object a line, for programs."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (exportCommand) Help() string {
	return `For other programs: players, audio editors. The samples are compared with their checksums before a file gets its name. The files have the same samples, the texts of the originals (title, artist and so on), and their modification times. They have no place for what else is in the originals: keep the archive.

flac: FLAC files, for players, with the MD5 of the samples that 'trilobyte list --json' shows. They hold up to 8 channels, of integers.

wav: clean WAV files, of up to 4 GiB: a header, the samples as they were (8 to 32 bits or floating-point, any channels), and a list of texts. That is for programs that stumble over the chunks, sizes or headers of the originals, which 'trilobyte restore' gets back as they were.

Of mu-law and A-law audio, both have the samples of 16 bits that it stands for. What a format cannot hold is reported. What is not audio is left out.

Examples:

  trilobyte export Album.trilobyte -C /media/player
  trilobyte export Album.trilobyte --format wav "Album/01 Intro.wav" -C Clean`
}

// exportLine is the last line of export --json.
type exportLine struct {
	Event     string `json:"event"` // "export"
	Archive   string `json:"archive"`
	Directory string `json:"directory"`
	Files     int    `json:"files"`
	Failed    int    `json:"failed"`
	Skipped   int    `json:"skipped"` // not audio
}

// Run exports.
func (c *exportCommand) Run(ctx context.Context, p *program) error {
	return p.withCodec(c.backendFlags, backend.Decoding, func(codec job.Codec) error { return c.run(ctx, p, codec) })
}

func (c *exportCommand) run(ctx context.Context, p *program, codec job.Codec) error {
	view := p.newView(c.Archive, c.JSON)
	view.format, view.names = c.Format, true
	engine := job.Engine{Codec: codec, Events: view.event}
	summary, err := engine.Export(ctx, job.ExportOptions{
		Archive: c.Archive, Dir: c.Directory, Format: c.Format, Names: c.Names, Overwrite: c.Overwrite == "always",
	})
	view.close()
	if err != nil {
		return opening(c.Archive, err)
	}
	n, failed := len(summary.Files), summary.Failed+summary.KeptBack
	if c.JSON {
		if err := view.print(exportLine{"export", c.Archive, c.Directory, n, failed, summary.Skipped}); err != nil {
			return err
		}
		return failures(summary)
	}
	fmt.Fprintf(p.stdout, "%s exported into %s%s\n", c.made(summary.Files), printable(c.Directory), leftOut(summary.Skipped))
	p.printKeptBack(summary, "exported")
	p.printMissing(summary)
	return failures(summary)
}

// made says how many files were made of which format: "3 FLAC files and 1 WAV file".
func (c *exportCommand) made(files []archive.File) string {
	n := map[job.ExportFormat]int{}
	for _, f := range files {
		n[c.Format.For(f)]++
	}
	var texts []string
	for _, format := range []job.ExportFormat{job.FLAC, job.WAV} {
		if n[format] > 0 {
			texts = append(texts, counted(n[format], format.Name()+" file"))
		}
	}
	if len(texts) == 0 {
		return counted(0, "file")
	}
	return strings.Join(texts, " and ")
}

// leftOut says how many files of an archive are not audio.
func leftOut(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s left out, not audio)", counted(n, "other file"))
}
