package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/figures"
	"trilobyte/app/job"
	"trilobyte/app/preset"
	"trilobyte/app/wastebasket"
	"trilobyte/codec/backend"
)

type compressCommand struct {
	Paths          []string `arg:"" name:"path" help:"Files and folders to archive. A folder's own name is the first part of its files' names."`
	Output         string   `short:"o" placeholder:"ARCHIVE" help:"The archive to make. By default it lies beside PATH and is named after it. Nothing is ever overwritten, unless --update is given."`
	Update         bool     `help:"Bring ARCHIVE up to date: compress what is new or has another size or time than in there, take over the rest as it is, and keep what is gone from the disk."`
	Mirror         bool     `help:"Like --update, but what is gone from the disk is removed from the archive, which becomes what it would be if it were made anew. All files are read, to compare them and to find what they share."`
	Checksum       bool     `help:"With --update, compare the content of files of the same size, and not their times."`
	DryRun         bool     `help:"With --update, only show what would be done."`
	Jobs           *int     `placeholder:"N" help:"How many processor cores to use: by default, all. The archive is the same whatever N is."`
	Preset         string   `enum:",fast,default,max" default:"" placeholder:"fast|default|max" help:"How much time to spend: fast takes about a third of the time and makes larger archives, max takes several times as long and makes the smallest. Restoring takes as long as compressing. Updates go on with the preset that the archive was made with; another one is for what is new alone."`
	Model          string   `hidden:"" placeholder:"FILE" help:"A model file to use instead of the preset's. It is put into the archive."`
	Verify         string   `enum:"new,all" default:"new" placeholder:"new|all" help:"What of an archive that is updated is decoded and compared in the end: by default, what is new in it. What is taken over may have been damaged before; all finds that, and compresses anew what is."`
	NoVerify       bool     `help:"Do not decode the finished archive to make sure that everything comes back."`
	TrashOriginals bool     `help:"Move PATH to the wastebasket when the archive has been read again from the disk and verified, if all of its files are in it and have not changed meanwhile."`
	JSON           bool     `name:"json" help:"Print one JSON object a line, for programs."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (compressCommand) Help() string {
	return `Recordings are compressed: WAV (RF64, BW64, RIFX too), Wave64, AIFF, CAF, AU and FLAC files. Everything else in the folders is kept beside them. Your files are only read, never changed; --trash-originals moves them to the wastebasket in the end, from where you can get them back.

With --update an archive is brought up to date: what is in it with the same size and time is taken over as it is, and what is gone from the disk is kept. With --mirror it becomes what it would be if it were made anew. The archive is replaced in one step, when the new one is complete and what is new in it is verified. What is taken over is not read or decoded: damage that it had in the archive is taken over, too, and nobody notices. --verify all decodes everything: what was damaged is compressed anew, if its content is still on the disk, under any name, and otherwise the archive stays as it is. What something of another kind has taken the place of (a folder that is a file now) is kept with (gone) in its name. With --json there is a line for each file that is compressed, and a last one with the archive's size, files, failed, left_out, kept (how many were taken over), unverified (how many of these were not verified), repaired (the names of those that were damaged, and are compressed anew), removed (how many --mirror has removed, as they are gone from the disk) and lacks (what could not be read of files beside their content); --dry-run has a line for each file and folder with its action: add, change, describe (only its time, mode, attributes or links are others), same, recode (it is the same, but compressed anew because what it refers to is no longer there), repair (damaged in the archive before), keep (gone from the disk), retain (it cannot be read, and stays what it was), discard.

Examples:

  trilobyte compress Album
  trilobyte compress Tape1 Tape2 notes.txt -o "Live 1998.trilobyte"
  trilobyte compress Album --preset max
  trilobyte compress Album --trash-originals
  trilobyte compress Album --update
  trilobyte compress Album -o /backup/Album.trilobyte --mirror --dry-run`
}

// Validate implements kong.Validatable.
func (c *compressCommand) Validate() error {
	if c.Jobs != nil && *c.Jobs < 1 {
		return errors.New("--jobs: it takes a number of 1 or more")
	}
	if updates := c.Update || c.Mirror; !updates && (c.Checksum || c.DryRun || c.Verify == "all") {
		return errors.New("--checksum, --dry-run and --verify are for updates: add --update or --mirror")
	}
	if c.Mirror && c.TrashOriginals {
		return errors.New("--mirror and --trash-originals contradict each other: the next run would remove from the archive what is in the wastebasket; use --update")
	}
	if c.Verify == "all" && c.NoVerify {
		return errors.New("--verify and --no-verify contradict each other: leave one out")
	}
	if c.TrashOriginals && c.NoVerify {
		return errors.New("--trash-originals needs the archive to be verified: leave out --no-verify")
	}
	return c.backendFlags.Validate()
}

// Run makes the archive.
func (c *compressCommand) Run(ctx context.Context, p *program) error {
	var err error
	if c.Paths, err = withoutRepeats(c.Paths); err != nil {
		return err
	}
	output, err := c.archive()
	if err != nil {
		return err
	}
	options := c.options(output)
	choice := preset.Choice{Preset: c.Preset, Backend: c.choice()}
	if choice.Preset == "" && options.Update {
		if model, ok := new(job.Engine).Model(output); ok {
			choice.Preset = preset.Of(model)
		}
	}
	if c.Model != "" {
		if choice.Model, err = os.ReadFile(c.Model); err != nil {
			return err
		}
	}
	return p.withChosen(choice, backend.Encoding, func(codec job.Codec) error {
		do := c.run
		if c.DryRun {
			do = c.plan
		}
		err := do(ctx, p, options, codec)
		var damaged *job.DamagedError
		if errors.As(err, &damaged) {
			err = fmt.Errorf("%w%s", err, c.damagedAdvice(damaged))
		}
		return err
	})
}

func (c *compressCommand) run(ctx context.Context, p *program, o job.CompressOptions, codec job.Codec) error {
	output := o.Archive
	view := p.newView(output, c.JSON)
	engine := job.Engine{Codec: codec, Events: view.event}
	if c.Jobs != nil {
		engine.Workers = *c.Jobs
	}
	summary, err := engine.Compress(ctx, o)
	view.close()
	p.printLacks(summary.Lacks)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists already and is not overwritten: bring it up to date with --update, move it away, or choose another name with -o", printable(output))
	case errors.Is(err, archive.ErrBusy):
		return fmt.Errorf("%s: %w", printable(output), archive.ErrBusy)
	case errors.Is(err, job.ErrNothingToDo) && summary.Failed > 0:
		return errReported
	case errors.Is(err, context.Canceled) && o.Update:
		return stopped{"the archive is as it was"}
	case errors.Is(err, context.Canceled):
		return stopped{"there is no archive of what was done so far"}
	case err != nil:
		return err
	}
	var kept error
	if c.TrashOriginals {
		kept = engine.DiscardOriginals(ctx, c.Paths, output, summary, wastebasket.Move)
	}
	if err := p.compressed(c, o, view, summary, kept); err != nil {
		return err
	}
	if kept != nil {
		return kept
	}
	return failures(summary)
}

// withoutRepeats leaves out paths that were given before.
func withoutRepeats(paths []string) ([]string, error) {
	var left []string
	seen := map[string]bool{}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if !seen[absolute] {
			seen[absolute] = true
			left = append(left, path)
		}
	}
	return left, nil
}

// archive returns the path of the archive to make.
func (c *compressCommand) archive() (string, error) {
	if c.Output != "" {
		return c.Output, nil
	}
	if len(c.Paths) > 1 {
		return "", usageError{"several files or folders need a name for their archive: add -o NAME" + archive.Extension}
	}
	given := filepath.Clean(c.Paths[0])
	if base := filepath.Base(given); base == "." || base == ".." {
		var err error
		if given, err = filepath.Abs(given); err != nil {
			return "", err
		}
	}
	return filepath.Join(filepath.Dir(given), job.ArchiveName(given)), nil
}

// compressed shows the result. kept is why originals were not moved to the
// wastebasket, or nil.
func (p *program) compressed(c *compressCommand, o job.CompressOptions, view *view, summary job.Summary, kept error) error {
	if c.JSON {
		return view.print(archiveLine{
			Event: "archive", Archive: o.Archive, Size: summary.ArchiveSize,
			Files: countFiles(summary.Files), Failed: summary.Failed,
			LeftOut: newLeftOutLines(summary.Missing), Kept: countKept(summary), Unverified: countUnverified(summary),
			Repaired: summary.Repaired, Removed: len(summary.Removed),
			Lacks: newLackLines(summary.Lacks), Verified: summary.Verified, Trashed: c.TrashOriginals && kept == nil,
		})
	}
	if err := p.printNew(o, summary); err != nil {
		return err
	}
	verified := "not verified"
	if summary.Verified {
		verified = "verified"
	}
	if summary.Verified && summary.Unverified > 0 {
		verified = "what is new is verified"
	}
	if summary.Idle && !summary.Verified {
		verified = "up to date, not verified"
		if len(summary.Missing) > 0 {
			verified = "as it was, not verified"
		}
	}
	fmt.Fprintf(p.stdout, "\n%s: %s, %s\n", printable(o.Archive), figures.Bytes(summary.ArchiveSize), verified)
	p.printKept(o, summary)
	if text := keptText(newFiles(summary)); text != "" {
		fmt.Fprintln(p.stdout, text)
	}
	if len(summary.Missing) > 0 {
		text := missingCounts(summary.Missing)
		if slices.ContainsFunc(summary.Missing, func(m archive.Missing) bool { return !job.NoFile(m) }) {
			text += ": --update brings what can be read later"
		}
		fmt.Fprintln(p.stdout, text)
	}
	if view.resumed > 0 {
		fmt.Fprintf(p.stdout, "%s had been done already by a run that was interrupted.\n", counted(view.resumed, "file"))
	}
	if c.TrashOriginals && kept == nil {
		fmt.Fprintln(p.stdout, "The originals are in the wastebasket.")
	}
	return nil
}

// failures is the error of a job in which some files failed.
func failures(summary job.Summary) error {
	if summary.Failed > 0 {
		return errReported
	}
	return nil
}

// countFiles leaves out the folders.
func countFiles(files []archive.File) int {
	n := 0
	for _, f := range files {
		if f.Kind != archive.KindFolder {
			n++
		}
	}
	return n
}
