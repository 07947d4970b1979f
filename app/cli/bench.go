package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"

	"trilobyte/app/bench"
	"trilobyte/app/disk"
	"trilobyte/app/figures"
	"trilobyte/app/job"
	"trilobyte/codec/backend"
)

type benchCommand struct {
	Paths   []string `arg:"" name:"path" help:"Recordings, and folders of recordings. The folders in a folder are the classes that totals are shown of."`
	JSON    bool     `name:"json" help:"Print one JSON object a line, for programs."`
	Peers   bool     `help:"Measure other programs too, as far as they are installed: flac, wavpack, ffmpeg (TTA and ALAC), sac, ofr (OptimFROG), mac (Monkey's Audio)."`
	Picture string   `placeholder:"FILE" help:"Draw sizes against speeds into an SVG file. It must not exist yet."`

	Presets []string `name:"preset" sep:"," enum:"fast,default,max" default:"default" placeholder:"fast,default,max" help:"Which presets to measure, separated by commas."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (benchCommand) Help() string {
	return `Each recording is compressed with Trilobyte and with FLAC at its level 8, decompressed and compared, on one processor core. Your files are only read; what is made of them is temporary. The column "Of FLAC" compares with FLAC at its level 8, or with the file itself where that is a FLAC file. How sizes, speeds and memory are counted is written in docs/benchmarks.md.

Examples:

  trilobyte bench Album
  trilobyte bench Album --preset fast,default,max
  trilobyte bench Album Interviews --peers --picture comparison.svg`
}

// Run measures.
func (c *benchCommand) Run(ctx context.Context, p *program) error {
	return p.withPresets(c.Presets, c.backendFlags, backend.Encoding, func(codecs []job.Codec) error {
		coders := []bench.Coder{bench.FLAC{}}
		for i, codec := range codecs {
			label := "Trilobyte"
			if c.Presets[i] != "default" {
				label += " " + c.Presets[i]
			}
			coders = append(coders, bench.Trilobyte{Label: label, Coder: codec.Coder})
		}
		return c.run(ctx, p, coders)
	})
}

func (c *benchCommand) run(ctx context.Context, p *program, coders []bench.Coder) error {
	picture, err := c.createPicture()
	if err != nil {
		return err
	}
	b := &benchView{program: p, json: json.NewEncoder(p.stdout), asJSON: c.JSON}
	files := bench.Find(c.Paths, b.failed)
	if c.Peers {
		coders = append(coders, bench.Peers(ctx)...)
	}
	b.begin(files, coders)
	results, err := bench.Run(ctx, files, coders, b.result)
	b.end()
	totals := bench.Totals(results)
	if err == nil {
		err = b.totals(totals)
	}
	if err := errors.Join(err, c.draw(picture, totals, err == nil)); err != nil {
		return err
	}
	return b.failure()
}

// createPicture makes the file of the picture, before the work begins.
func (c *benchCommand) createPicture() (*os.File, error) {
	if c.Picture == "" {
		return nil, nil
	}
	f, err := os.OpenFile(c.Picture, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists already and is not overwritten: move it away, or choose another name", printable(c.Picture))
	}
	return f, err
}

// draw fills the file of the picture, or removes it again if all is not well.
func (c *benchCommand) draw(picture *os.File, totals []bench.Total, well bool) error {
	if picture == nil {
		return nil
	}
	if !well || len(totals) == 0 {
		return errors.Join(picture.Close(), os.Remove(c.Picture))
	}
	var all []bench.Total
	for _, t := range totals {
		if t.Class == "" {
			all = append(all, t)
		}
	}
	return errors.Join(bench.Picture(picture, all), picture.Close())
}

// benchView shows the figures: as JSON when they come, as tables at the end.
type benchView struct {
	program *program
	asJSON  bool
	json    *json.Encoder
	bar     *progressbar.ProgressBar
	results []bench.Result
	bad     bool // something has failed
}

// failed says what cannot be measured.
func (b *benchView) failed(path string, err error) {
	b.bad = true
	b.program.complain(path, disk.WithoutPath(err))
}

func (b *benchView) begin(files []*bench.File, coders []bench.Coder) {
	if b.asJSON {
		b.json.SetEscapeHTML(false)
		b.json.Encode(bench.NewSetup(coders)) // the last line tells if this fails
	}
	if isTerminal(b.program.stderr) {
		b.bar = b.program.newBar(int64(len(files)*len(coders)), "Measuring")
	}
}

func (b *benchView) result(r bench.Result) {
	if b.bar != nil {
		b.bar.Add64(1)
	}
	if r.Err != nil {
		if b.bar != nil {
			b.bar.Clear()
		}
		b.bad = b.bad || !errors.Is(r.Err, bench.ErrCannot)
		b.program.complain(r.File.Path, r.Err)
		return
	}
	if b.asJSON {
		b.json.Encode(r.Record()) // the last line tells if this fails
		return
	}
	b.results = append(b.results, r)
}

func (b *benchView) end() {
	if b.bar != nil {
		b.bar.Clear()
		b.bar.Close()
	}
}

func (b *benchView) failure() error {
	if b.bad {
		return errReported
	}
	return nil
}

// totals shows all figures that have not been shown yet.
func (b *benchView) totals(totals []bench.Total) error {
	if b.asJSON {
		for _, t := range totals {
			if err := b.json.Encode(t.Record()); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(b.program.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "Length\tOriginal\tBytes\tBits/sample\tOf FLAC\tEncoding\tDecoding\tMemory\t  Coder\t  File")
	for _, r := range b.results {
		fmt.Fprintf(tw, "%s\t  %s\t  %s\n", figuresText(r.Figures), r.Coder, printable(r.File.Class+"/"+r.File.Name))
	}
	for _, t := range totals {
		name := "Total of " + t.Class
		if t.Class == "" {
			name = "Total of all files"
		}
		if t.Files < t.Of {
			name += fmt.Sprintf(" (%d of %d)", t.Files, t.Of)
		}
		fmt.Fprintf(tw, "%s\t  %s\t  %s\n", figuresText(t.Figures), t.Coder, printable(name))
	}
	return tw.Flush()
}

// figuresText is the columns with numbers.
func figuresText(f bench.Figures) string {
	ratio, memory := "-", "-"
	if f.Ratio() > 0 {
		ratio = fmt.Sprintf("%.4f", f.Ratio())
	}
	if f.Memory > 0 {
		memory = figures.Bytes(f.Memory)
	}
	length := figures.Duration(time.Duration(f.Audio * float64(time.Second)))
	return fmt.Sprintf("%s\t%d\t%d\t%.3f\t%s\t%s\t%s\t%s", length, f.Raw, f.Bytes, f.BitsPerSample(), ratio, speedText(f.EncodeSpeed()), speedText(f.DecodeSpeed()), memory)
}

// speedText is "2.5 x real time", shorter.
func speedText(speed float64) string {
	switch {
	case speed == 0:
		return "-"
	case speed < 10:
		return fmt.Sprintf("%.2f x", speed)
	}
	return fmt.Sprintf("%.0f x", speed)
}
