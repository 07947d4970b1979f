package cli

import (
	"context"
	"fmt"

	"trilobyte/app/job"
	"trilobyte/codec/backend"
)

type verifyCommand struct {
	Archive string `arg:"" help:"The archive."`
	JSON    bool   `name:"json" help:"Print one JSON object a line, for programs."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (verifyCommand) Help() string {
	return `The archive is read from the disk, and every file in it is decoded and compared with its checksums. Nothing is written. It is no success, either, if files were left out when the archive was made and no update has brought them since.

Example:

  trilobyte verify Album.trilobyte`
}

// complete is the error of an archive that is damaged, or has not all that it was
// made of.
func complete(summary job.Summary) error {
	if len(summary.Missing) > 0 {
		return errReported
	}
	return failures(summary)
}

// Run verifies.
func (c *verifyCommand) Run(ctx context.Context, p *program) error {
	return p.withCodec(c.backendFlags, backend.Decoding, func(codec job.Codec) error { return c.run(ctx, p, codec) })
}

func (c *verifyCommand) run(ctx context.Context, p *program, codec job.Codec) error {
	view := p.newView(c.Archive, c.JSON)
	engine := job.Engine{Codec: codec, Events: view.event}
	summary, err := engine.Verify(ctx, c.Archive)
	view.close()
	if err != nil {
		return opening(c.Archive, err)
	}
	n := countFiles(summary.Files)
	if c.JSON {
		err := view.print(archiveLine{Event: "archive", Archive: c.Archive, Size: summary.ArchiveSize, Files: n, Failed: summary.Failed, LeftOut: newLeftOutLines(summary.Missing), Verified: summary.Failed == 0})
		if err != nil {
			return err
		}
		return complete(summary)
	}
	if summary.Failed > 0 {
		missing := ""
		if len(summary.Missing) > 0 {
			missing = "; " + missingText(summary.Missing)
		}
		fmt.Fprintf(p.stdout, "%s: damaged; %s sound%s\n", printable(c.Archive), counted(n, "file"), missing)
		return errReported
	}
	if len(summary.Missing) > 0 {
		fmt.Fprintf(p.stdout, "%s: %s verified, sound, but %s\n", printable(c.Archive), counted(n, "file"), missingText(summary.Missing))
		return errReported
	}
	fmt.Fprintf(p.stdout, "%s: %s verified, all well\n", printable(c.Archive), counted(n, "file"))
	return nil
}
