package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"trilobyte/codec/backend"
)

type devicesCommand struct {
	Thorough bool `help:"Test and measure more sizes of batches. This takes a minute."`
	JSON     bool `name:"json" help:"Print one JSON object a line, for programs."`
}

// Help implements kong.HelpProvider.
func (devicesCommand) Help() string {
	return `NVIDIA GPUs code whole segments, beside the processor's cores, where there is much to do: their speed is shown for decoding and encoding, in multiples of real time for 44.1 kHz stereo. They need NVIDIA's driver, for CUDA 12 or newer, and nothing else.

The language model alone can be computed by plain Go, by the processor's vector instructions, and by ONNX Runtime, on the processor or a GPU. Its speed is shown for as many samples at a time: decoding has one, encoding many. It is not the speed of the program, which also has to compute the predictors. All give the same bits, which a known-answer test makes sure of each time.

ONNX Runtime is a library that Trilobyte does without; where it is installed it is found beside the program, where the system keeps libraries, or where the environment variable TRILOBYTE_ORT says.

Examples:

  trilobyte devices
  trilobyte compress Library --backend cuda --device cuda:0,cuda:1
  trilobyte compress Album --backend onnx --device cuda:0`
}

// deviceLine is what devices --json prints for a backend on a device.
type deviceLine struct {
	Backend     string             `json:"backend"`
	Device      string             `json:"device"`
	KnownAnswer string             `json:"known_answer"` // "passed", or "" if the device cannot be used
	Error       string             `json:"error"`
	InUse       bool               `json:"in_use"`
	RealTime    map[string]float64 `json:"real_time"` // speed by rows at a time, x real time
}

// gpuLine is what devices --json prints for a GPU that codes segments.
type gpuLine struct {
	GPU         string  `json:"gpu"`
	Name        string  `json:"name"`
	Memory      int64   `json:"memory"` // bytes
	CUDA        string  `json:"cuda"`   // of its driver
	KnownAnswer string  `json:"known_answer"`
	Error       string  `json:"error"`
	Decoding    float64 `json:"decoding"` // x real time
	Encoding    float64 `json:"encoding"`
}

// libraryLine is the last line.
type libraryLine struct {
	ONNXRuntime string `json:"onnxruntime"` // its version
	Path        string `json:"path"`
	Error       string `json:"error"`
}

// rowsPerSecond is how many rows a second of 44.1 kHz stereo has.
const rowsPerSecond = 2 * 44100

// Run shows.
func (c *devicesCommand) Run(ctx context.Context, p *program) error {
	rows := backend.MeasuredRows
	if c.Thorough {
		rows = backend.ThoroughRows
	}
	survey, err := p.codecs.Survey(ctx, rows)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.devicesJSON(survey, rows)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "BACKEND\tDEVICE\tKNOWN ANSWER")
	for _, n := range rows {
		fmt.Fprintf(w, "\t%d AT A TIME", n)
	}
	fmt.Fprintln(w)
	for _, d := range survey.Devices {
		answer := "passed"
		if d.Err != nil {
			answer = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s", d.Backend, d.Device, answer)
		for i := range rows {
			speed := "-"
			if d.Err == nil {
				speed = fmt.Sprintf("%.1f x", d.Speed[i]/rowsPerSecond)
			}
			fmt.Fprint(w, "\t", speed)
		}
		if d.InUse {
			fmt.Fprint(w, "  in use")
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout)
	for _, d := range survey.Devices {
		if d.Err != nil {
			fmt.Fprintf(p.stdout, "%s %s cannot be used: %s\n", d.Backend, d.Device, printable(d.Err.Error()))
		}
	}
	if err := p.gpus(survey); err != nil {
		return err
	}
	switch {
	case errors.Is(survey.Err, backend.ErrNoRuntime):
		_, err = fmt.Fprintln(p.stdout, "ONNX Runtime: not installed (not needed)")
	case survey.Err != nil:
		_, err = fmt.Fprintf(p.stdout, "ONNX Runtime: %s\n", printable(survey.Err.Error()))
	default:
		_, err = fmt.Fprintf(p.stdout, "ONNX Runtime %s: %s\n", survey.Version, printable(survey.Path))
	}
	return err
}

// gpus shows the GPUs that code segments: one line each.
func (p *program) gpus(survey backend.Survey) (err error) {
	switch {
	case errors.Is(survey.GPUErr, backend.ErrNotBuilt):
		_, err = fmt.Fprintln(p.stdout, "NVIDIA GPUs: not with this build of the program (not needed)")
	case errors.Is(survey.GPUErr, backend.ErrNoDriver):
		_, err = fmt.Fprintln(p.stdout, "NVIDIA GPUs: no driver (not needed)")
	case survey.GPUErr != nil:
		_, err = fmt.Fprintf(p.stdout, "NVIDIA GPUs: %s\n", printable(survey.GPUErr.Error()))
	case len(survey.GPUs) == 0:
		_, err = fmt.Fprintln(p.stdout, "NVIDIA GPUs: a driver, but no GPU")
	}
	for _, g := range survey.GPUs {
		state := fmt.Sprintf("known answers passed, decodes %.0f x, encodes %.0f x", g.Decoding/rowsPerSecond, g.Encoding/rowsPerSecond)
		if g.Err != nil {
			state = "cannot be used: " + printable(g.Err.Error())
		}
		_, err = fmt.Fprintf(p.stdout, "GPU %s: %s, %d GB, driver for CUDA %s: %s\n", g.Device, printable(g.Name), g.Memory/1e9, g.CUDA, state)
	}
	return err
}

func (p *program) devicesJSON(survey backend.Survey, rows []int) error {
	lines := json.NewEncoder(p.stdout)
	lines.SetEscapeHTML(false)
	for _, d := range survey.Devices {
		line := deviceLine{Backend: d.Backend, Device: d.Device, KnownAnswer: "passed", InUse: d.InUse, RealTime: map[string]float64{}}
		if d.Err != nil {
			line.KnownAnswer, line.Error = "", d.Err.Error()
		}
		for i, speed := range d.Speed {
			line.RealTime[fmt.Sprint(rows[i])] = speed / rowsPerSecond
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	for _, g := range survey.GPUs {
		line := gpuLine{
			GPU: g.Device, Name: g.Name, Memory: g.Memory, CUDA: g.CUDA, KnownAnswer: "passed",
			Decoding: g.Decoding / rowsPerSecond, Encoding: g.Encoding / rowsPerSecond,
		}
		if g.Err != nil {
			line.KnownAnswer, line.Error = "", g.Err.Error()
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	last := libraryLine{ONNXRuntime: survey.Version, Path: survey.Path}
	if survey.Err != nil {
		last.Error = survey.Err.Error()
	}
	return lines.Encode(last)
}
