package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"trilobyte/app/job"
	"trilobyte/codec/backend"
)

type catCommand struct {
	Archive string `arg:"" help:"The archive."`
	Name    string `arg:"" help:"The file in it, as 'trilobyte list' shows it."`
	From    clock  `placeholder:"TIME" help:"Where in a recording to begin: 80, 1:20 or 1:02:03.5, for example."`
	To      *clock `placeholder:"TIME" help:"Where to end: by default, at its end."`
	Format  string `enum:",original,flac,wav" default:"" placeholder:"original|flac|wav" help:"What to write: by default the original, which there is only all of, and of a stretch a FLAC file if the original is one, otherwise a WAV file."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (catCommand) Help() string {
	return `Only as much of the archive is decoded as is needed. What is written into a file agrees with its checksums: at damage, the output ends, and it is said which seconds are lost. What goes into a pipe begins while the first segment (mostly nine seconds) is decoded, so that it is heard soon. If that segment is damaged, which is known at its end, the output ends before that, and it is said which seconds may be wrong; look at the exit code. FLAC and WAV files are those of 'trilobyte export'.

Examples:

  trilobyte cat Album.trilobyte "Album/01 Intro.wav" > Intro.wav
  trilobyte cat Album.trilobyte Album/Tape.wav --from 1:20 --to 1:50 | ffplay -
  trilobyte cat Album.trilobyte Album/Tape.wav --format flac > Tape.flac`
}

// clock is a time within a recording.
type clock time.Duration

// Decode implements kong.MapperValue: it reads seconds, or minutes and seconds, or
// hours, minutes and seconds, with colons between them.
func (c *clock) Decode(ctx *kong.DecodeContext) error {
	token, err := ctx.Scan.PopValue("time")
	if err != nil {
		return err
	}
	text := token.String()
	wrong := fmt.Errorf("%q is no time within a recording: write seconds, 1:20, or 1:02:03.5, for example", text)
	fields := strings.Split(text, ":")
	if len(fields) > 3 {
		return wrong
	}
	const most = 1 << 20 // hours
	total := time.Duration(0)
	for i, f := range fields {
		last := i == len(fields)-1
		v, err := strconv.ParseFloat(f, 64)
		digits := strings.Trim(f, "0123456789")
		if err != nil || digits != "" && (digits != "." || !last) || i > 0 && v >= 60 || v > most {
			return wrong
		}
		total = total*60 + time.Duration(v*float64(time.Second))
	}
	*c = clock(total)
	return nil
}

// Validate implements kong.Validatable.
func (c catCommand) Validate() error {
	switch {
	case c.To != nil && *c.To <= c.From:
		return usageError{"--to must be after --from"}
	case c.Format == "original" && (c.From != 0 || c.To != nil):
		return usageError{"there is only all of the original: choose --format wav or flac for a stretch of it"}
	}
	return c.backendFlags.Validate()
}

// Run writes.
func (c *catCommand) Run(ctx context.Context, p *program) error {
	return p.withCodec(c.backendFlags, backend.Decoding, func(codec job.Codec) error {
		format := job.ExportFormat(c.Format)
		if c.Format == "original" {
			format = job.FLACOrWAV
		}
		engine := job.Engine{Codec: codec}
		var to clock
		if c.To != nil {
			to = *c.To
		}
		err := engine.Cat(ctx, p.stdout, job.CatOptions{
			Archive: c.Archive, Name: c.Name, Format: format, From: time.Duration(c.From), To: time.Duration(to), Early: isPipe(p.stdout),
		})
		if err == nil || ctx.Err() != nil {
			return err
		}
		fmt.Fprintln(p.stderr, "trilobyte:", printable(explain(opening(c.Archive, err))))
		return errReported
	})
}

// isPipe reports whether w leads to another program or a screen, and not to a file.
func isPipe(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && !info.Mode().IsRegular()
}
