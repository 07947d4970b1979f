package cli

import (
	"context"
	"fmt"

	"trilobyte/app/job"
	"trilobyte/codec/backend"
)

type restoreCommand struct {
	Archive     string   `arg:"" help:"The archive."`
	Names       []string `arg:"" optional:"" name:"name" help:"Files and folders to restore, as 'trilobyte list' shows them: by default, everything."`
	Directory   string   `short:"C" name:"directory" placeholder:"DIR" default:"." help:"The folder to restore into: by default, this one."`
	Overwrite   string   `enum:"never,always" default:"never" placeholder:"never|always" help:"Whether what exists is replaced: files and links, also where folders belong, but never folders. By default it is left as it is, and reported."`
	Links       string   `enum:"inside,all" default:"inside" placeholder:"inside|all" help:"Whether symbolic links are made that lead out of DIR, or to absolute paths. By default they are left out, and it is said how many."`
	Permissions string   `enum:"basic,all" default:"basic" placeholder:"basic|all" help:"Whether setuid, setgid and sticky bits are set, beside the permissions to read, write and execute, and also the permissions of what is there already with the same content."`
	Salvage     bool     `help:"Restore damaged files too, as far as possible: with silence where audio is lost, and (damaged) in their names."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (restoreCommand) Help() string {
	return `Every file is compared with its checksum before it gets its name.

Examples:

  trilobyte restore Album.trilobyte
  trilobyte restore Album.trilobyte -C /media/disk
  trilobyte restore Album.trilobyte "Album/01 Intro.wav" Album/Scans
  trilobyte restore --salvage Album.trilobyte
  trilobyte restore System.trilobyte --links all --permissions all`
}

// Run restores.
func (c *restoreCommand) Run(ctx context.Context, p *program) error {
	return p.withCodec(c.backendFlags, backend.Decoding, func(codec job.Codec) error { return c.run(ctx, p, codec) })
}

func (c *restoreCommand) run(ctx context.Context, p *program, codec job.Codec) error {
	view := p.newView(c.Archive, false)
	view.names = true
	engine := job.Engine{Codec: codec, Events: view.event}
	summary, err := engine.Restore(ctx, job.RestoreOptions{
		Archive: c.Archive, Dir: c.Directory, Names: c.Names, Overwrite: c.Overwrite == "always", Salvage: c.Salvage,
		Links: c.Links == "all", Permissions: c.Permissions == "all",
	})
	view.close()
	if err != nil {
		return opening(c.Archive, err)
	}
	p.printLacks(summary.Lacks)
	n := countFiles(summary.Files) - summary.There
	same := "the same"
	for _, l := range summary.Lacks {
		switch l.What {
		case job.LackLinks, job.LackSymlinks:
			n -= l.Files
		case job.LackThere, job.LackBits:
			same = "with the same content"
		}
	}
	fmt.Fprintf(p.stdout, "%s restored into %s\n", counted(n, "file"), printable(c.Directory))
	if summary.There > 0 {
		fmt.Fprintf(p.stdout, "%s there already, %s\n", counted(summary.There, "file"), same)
	}
	p.printKeptBack(summary, "restored")
	p.printMissing(summary)
	if view.damaged && !c.Salvage {
		fmt.Fprintln(p.stdout, "Something is damaged: restore --salvage saves what is left of it")
	}
	if summary.Salvaged > 0 {
		fmt.Fprintf(p.stdout, "%s saved in part: see above what is lost\n", counted(summary.Salvaged, "damaged file"))
	}
	return failures(summary)
}

// printKeptBack says how many files were not made because of their folder, of which it has
// been said only once.
func (p *program) printKeptBack(summary job.Summary, made string) {
	if summary.KeptBack > 0 {
		fmt.Fprintf(p.stdout, "%s not %s: see above why\n", counted(summary.KeptBack, "file"), made)
	}
}
