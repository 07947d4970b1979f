package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"trilobyte/codec/recording"
)

// peer is another program.
type peer struct {
	name      string
	extension string
	encoder   string // program
	encode    []string
	decoder   string // program
	decode    []string
	version   []string // arguments with which encoder says what version it is
	widths    []int    // bits a sample that it can hold; any if empty

	made string // by what: the first line that encoder says with version
}

// In the arguments of peers these stand for the file to read, the file to write,
// and the name that FFmpeg has for the format of the samples.
const (
	argIn  = "{in}"
	argOut = "{out}"
	argPCM = "{pcm}"
)

var (
	flacOptions = []string{"--silent", "--no-padding", "--no-seektable", "-o", argOut, argIn}
	flacDecode  = []string{"--silent", "--decode", "-o", argOut, argIn}

	ffmpegOptions = []string{"-v", "error", "-nostdin", "-threads", "1", "-i", argIn, "-map_metadata", "-1", "-c:a"}
	ffmpegDecode  = []string{"-v", "error", "-nostdin", "-threads", "1", "-i", argIn, "-c:a", argPCM, argOut}
)

// peers are all programs that are known, each at the setting at which it makes
// the smallest files in times that people wait, and FLAC also at its default.
var peers = []peer{
	{name: "flac -5 (tool)", extension: ".flac", version: []string{"--version"},
		encoder: "flac", encode: append([]string{"-5"}, flacOptions...), decoder: "flac", decode: flacDecode},
	{name: "flac -8 (tool)", extension: ".flac", version: []string{"--version"},
		encoder: "flac", encode: append([]string{"-8"}, flacOptions...), decoder: "flac", decode: flacDecode},
	{name: "WavPack -hh -x4", extension: ".wv", version: []string{"--version"},
		encoder: "wavpack", encode: []string{"-q", "-hh", "-x4", argIn, "-o", argOut},
		decoder: "wvunpack", decode: []string{"-q", argIn, "-o", argOut}},
	{name: "TTA (FFmpeg)", extension: ".tta", version: []string{"-version"}, widths: []int{8, 16, 24},
		encoder: "ffmpeg", encode: append(ffmpegOptions[:len(ffmpegOptions):len(ffmpegOptions)], "tta", argOut), decoder: "ffmpeg", decode: ffmpegDecode},
	{name: "ALAC (FFmpeg)", extension: ".m4a", version: []string{"-version"}, widths: []int{16, 24},
		encoder: "ffmpeg", encode: append(ffmpegOptions[:len(ffmpegOptions):len(ffmpegOptions)], "alac", argOut), decoder: "ffmpeg", decode: ffmpegDecode},
	{name: "Sac --normal", extension: ".sac", widths: []int{8, 16},
		encoder: "sac", encode: []string{"--encode", "--normal", argIn, argOut},
		decoder: "sac", decode: []string{"--decode", argIn, argOut}},
	{name: "OptimFROG --preset max", extension: ".ofr",
		encoder: "ofr", encode: []string{"--encode", "--preset", "max", argIn, "--output", argOut},
		decoder: "ofr", decode: []string{"--decode", argIn, "--output", argOut}},
	{name: "Monkey's Audio -c5000", extension: ".ape",
		encoder: "mac", encode: []string{argIn, argOut, "-c5000"},
		decoder: "mac", decode: []string{argIn, argOut, "-d"}},
}

// Peers returns the coders whose programs are on PATH.
func Peers(ctx context.Context) []Coder {
	var found []Coder
	banners := map[string]string{}
	for _, p := range peers {
		_, err := exec.LookPath(p.encoder)
		_, err2 := exec.LookPath(p.decoder)
		if errors.Join(err, err2) != nil {
			continue
		}
		if banners[p.encoder] == "" {
			banners[p.encoder] = p.banner(ctx)
		}
		p.made = fmt.Sprintf("%s: %s %s; the whole file", banners[p.encoder], p.encoder, strings.Join(p.encode, " "))
		found = append(found, p)
	}
	return found
}

// banner is the first line that the program says about itself, or its name if it
// says nothing.
func (p peer) banner(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	// Some print their version only with what they call an error.
	text, _ := exec.CommandContext(ctx, p.encoder, p.version...).CombinedOutput()
	for line := range bytes.Lines(text) {
		line, _, _ = bytes.Cut(line, []byte("Copyright"))
		if line = bytes.Trim(line, "- \t\r\n"); len(line) > 0 {
			return string(line)
		}
	}
	return p.encoder
}

// Name implements Coder.
func (p peer) Name() string { return p.name }

// MadeBy implements Coder.
func (p peer) MadeBy() string { return p.made }

// Measure implements Coder.
func (p peer) Measure(ctx context.Context, f *File, dir string) (m Measurement, err error) {
	if bits := f.Format.ContainerBits(); len(p.widths) > 0 && !slices.Contains(p.widths, bits) {
		return m, fmt.Errorf("%w: its samples have %d bits", ErrCannot, bits)
	}
	in, err := filepath.Abs(f.wav)
	if err != nil {
		return m, err
	}
	coded, back := filepath.Join(dir, "coded"+p.extension), filepath.Join(dir, "back.wav")
	memory := int64(0)
	if m.Encode, m.Memory, err = run(ctx, p.encoder, fill(p.encode, f, in, coded)); err != nil {
		return m, fmt.Errorf("%w: %w", ErrCannot, err)
	}
	if m.Bytes, err = fileSize(coded); err != nil {
		return m, fmt.Errorf("%w: it made no file", ErrCannot)
	}
	if m.Decode, memory, err = run(ctx, p.decoder, fill(p.decode, f, coded, back)); err != nil {
		return m, fmt.Errorf("decoding: %w", err)
	}
	m.Memory = max(m.Memory, memory)
	return m, sameAudio(f, back)
}

// fill puts what they stand for into arguments.
func fill(arguments []string, f *File, in, out string) []string {
	bits := strconv.Itoa(f.Format.PCM().ContainerBits())
	pcm := "pcm_s" + bits + "le"
	switch {
	case f.Format.Kind == recording.Float:
		pcm = "pcm_f" + bits + "le"
	case bits == "8":
		pcm = "pcm_u8"
	}
	r := strings.NewReplacer(argIn, in, argOut, out, argPCM, pcm)
	filled := make([]string, len(arguments))
	for i, a := range arguments {
		filled[i] = r.Replace(a)
	}
	return filled
}

// watchable is how long a program must run for the peak of its memory to be
// seen: it is looked at again and again.
const watchable = 20 * time.Millisecond

// run runs a program and returns how long it took and how much memory it had.
func run(ctx context.Context, program string, arguments []string) (seconds float64, memory int64, err error) {
	var output bytes.Buffer
	command := exec.CommandContext(ctx, program, arguments...)
	command.Stdout, command.Stderr = &output, &output
	start := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	peak := watchPeak(func() int64 { return resident(command.Process.Pid) })
	err = command.Wait()
	seconds, memory = time.Since(start).Seconds(), peak()
	if seconds < watchable.Seconds() {
		memory = 0
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w: %s", program, err, lastLine(output.Bytes()))
	}
	return seconds, memory, nil
}

// lastLine returns the last line that is not empty.
func lastLine(text []byte) []byte {
	text = bytes.TrimSpace(text)
	return bytes.TrimSpace(text[bytes.LastIndexAny(text, "\r\n")+1:])
}

// sameAudio returns an error if a WAV file has not the samples of f.
func sameAudio(f *File, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := fileSize(path)
	if err != nil {
		return err
	}
	back, err := recording.Find(file, size)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(back.Spans, recording.Span.Audio)
	if i < 0 {
		return errDiffers
	}
	audio, err := sumAudio(file, back.Spans[i])
	if err != nil {
		return err
	}
	format, want := back.Spans[i].Format.PCM(), f.Format.PCM()
	if audio != f.audio || format.FrameBytes() != want.FrameBytes() || format.SampleRate != want.SampleRate {
		return errDiffers
	}
	return nil
}
