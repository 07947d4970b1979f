package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"trilobyte/app/figures"
	"trilobyte/app/job"
	"trilobyte/codec"
	"trilobyte/codec/backend"
)

type estimateCommand struct {
	Paths  []string `arg:"" name:"path" help:"Files and folders that might be archived."`
	Preset string   `enum:",fast,default,max" default:"" placeholder:"fast|default|max" help:"Look at this preset alone: by default, at all three."`
	JSON   bool     `name:"json" help:"Print one JSON object a line, for programs."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (estimateCommand) Help() string {
	return `Samples of each recording are compressed, the same every time, and tell what would become of all. With the default preset that takes about a fifteenth of the time of compressing: more with fast, and where there are less than five minutes of sound or much that is copied. Nothing is written. What is said to be saved is less than FLAC needs for the recordings that FLAC can hold; copies are stored once, which FLAC does not know of. The size is also the room that the archive takes while it is made.

Examples:

  trilobyte estimate Album
  trilobyte estimate Album Tapes --preset max`
}

// presets are those to look at, the one first that most is told from.
func (c *estimateCommand) presets() []string {
	if c.Preset != "" {
		return []string{c.Preset}
	}
	names := []string{codec.DefaultPreset}
	for _, name := range codec.Presets() {
		if name != codec.DefaultPreset {
			names = append(names, name)
		}
	}
	return names
}

// Run estimates.
func (c *estimateCommand) Run(ctx context.Context, p *program) error {
	paths, err := withoutRepeats(c.Paths)
	if err != nil {
		return err
	}
	names := c.presets()
	return p.withPresets(names, c.backendFlags, backend.Encoding, func(codecs []job.Codec) error {
		o := job.EstimateOptions{Paths: paths}
		for i, name := range names {
			o.Presets = append(o.Presets, job.PresetCoder{Name: name, Coder: codecs[i].Coder})
		}
		view := p.newView(c.Paths[0], c.JSON)
		engine := job.Engine{Codec: codecs[0], Events: view.event}
		result, err := engine.Estimate(ctx, o)
		view.close()
		if err != nil {
			return err
		}
		if c.JSON {
			err = view.print(newEstimateLine(result))
		} else {
			err = p.printEstimate(result)
		}
		if err == nil && result.Failed > 0 {
			err = errReported
		}
		return err
	})
}

// printEstimate prints an estimate for people.
func (p *program) printEstimate(e *job.Estimate) error {
	if e.Files == 0 {
		_, err := fmt.Fprintln(p.stdout, "There is no file to archive.")
		return err
	}
	fmt.Fprintf(p.stdout, "%s, %s: %s, %s long\n", counted(e.Files, "file"), figures.Bytes(e.Bytes),
		counted(e.Recordings, "recording"), figures.Duration(e.Audio))
	if e.Copies > 0 {
		fmt.Fprintf(p.stdout, "%s of others, which are stored once\n", copiesText(e.Copies))
	}
	tw := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\nPreset\tArchive\tRecordings\tSaved vs FLAC\tTime here\t\n")
	if e.FLAC > 0 {
		fmt.Fprintf(tw, "FLAC\t\t%s\t\t\t\n", figures.Bytes(e.FLAC))
	}
	for _, preset := range e.Presets {
		saving, held := "-", "-"
		if e.FLAC > 0 {
			saving, held = savingText(preset.Held, e.FLAC), figures.Bytes(preset.Held)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t\n", preset.Name, figures.Bytes(preset.Archive), held, saving, figures.Duration(preset.Time.Round(time.Second)))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, k := range e.Kept {
		fmt.Fprintf(p.stdout, "%s would be kept whole (%s): %s\n", printable(k.Name), figures.Bytes(k.Size), k.Why)
	}
	told := "Told from their sizes"
	if e.Listened > 0 {
		told = fmt.Sprintf("Told from %s of sound", figures.Duration(e.Listened.Round(time.Second)))
	}
	fmt.Fprintf(p.stdout, "\n%s; the files are as they were.\n", told)
	return nil
}

// copiesText is "1 file is a copy".
func copiesText(n int) string {
	if n == 1 {
		return "1 file is a copy"
	}
	return fmt.Sprintf("%d files are copies", n)
}

// estimateLine is what estimate --json prints.
type estimateLine struct {
	Event      string  `json:"event"` // "estimate"
	Files      int     `json:"files"`
	Bytes      int64   `json:"bytes"`
	Recordings int     `json:"recordings"`
	Seconds    float64 `json:"audio_seconds"`
	Copies     int     `json:"copies"`
	Failed     int     `json:"failed"`
	FLAC       int64   `json:"flac"` // bytes
	Listened   float64 `json:"listened_seconds"`

	Presets []presetLine `json:"presets"`
	Kept    []keptLine   `json:"kept"`
}

type presetLine struct {
	Preset     string  `json:"preset"`
	Archive    int64   `json:"archive"`    // bytes
	Recordings int64   `json:"recordings"` // of these, those of what FLAC can hold
	Saving     float64 `json:"saving"`     // 0.1 is a tenth less than FLAC
	Seconds    float64 `json:"seconds"`    // to compress and verify
}

type keptLine struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Why  string `json:"why"`
}

func newEstimateLine(e *job.Estimate) estimateLine {
	line := estimateLine{
		Event: "estimate", Files: e.Files, Bytes: e.Bytes, Recordings: e.Recordings, Seconds: e.Audio.Seconds(), Copies: e.Copies,
		Failed: e.Failed, FLAC: e.FLAC, Listened: e.Listened.Seconds(), Kept: []keptLine{},
	}
	for _, p := range e.Presets {
		line.Presets = append(line.Presets, presetLine{p.Name, p.Archive, p.Held, e.Saving(p), p.Time.Seconds()})
	}
	for _, k := range e.Kept {
		line.Kept = append(line.Kept, keptLine{k.Name, k.Size, k.Why})
	}
	return line
}
