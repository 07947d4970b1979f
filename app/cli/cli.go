// Package cli is the command line: it turns arguments into jobs, and the
// events of jobs into a progress bar, lines of text or lines of JSON.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/preset"
	"trilobyte/codec/backend"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // something failed, and it was said which
	exitUsage  = 2 // the command line is wrong
)

const description = `Archives recordings losslessly, smaller than FLAC. What you put in comes back byte for byte.

Examples:

  trilobyte compress Album           make Album.trilobyte of the folder Album
  trilobyte list Album.trilobyte     show what is in it
  trilobyte restore Album.trilobyte  get the folder Album back
  trilobyte verify Album.trilobyte   make sure that all of it is sound
  trilobyte export Album.trilobyte   make FLAC files of it, for players`

// commands is the command line, for kong.
type commands struct {
	Version kong.VersionFlag `help:"Show the version, the commit that it was made from, and the models that are built in."`

	Compress compressCommand `cmd:"" help:"Make an archive of files and folders."`
	Restore  restoreCommand  `cmd:"" help:"Get files back out of an archive."`
	Export   exportCommand   `cmd:"" help:"Make FLAC files, or clean WAV files, of the recordings in an archive."`
	List     listCommand     `cmd:"" help:"Show what is in an archive."`
	Verify   verifyCommand   `cmd:"" help:"Decode all of an archive and compare it with its checksums."`
	Cat      catCommand      `cmd:"" help:"Write a file of an archive, or a stretch of a recording, to standard output."`
	Serve    serveCommand    `cmd:"" help:"Let players, file managers and browsers read archives, over HTTP and WebDAV."`
	Estimate estimateCommand `cmd:"" help:"Tell, from samples, what an archive would save, and how long it would take to make."`
	Bench    benchCommand    `cmd:"" help:"Measure size and speed on your files, beside FLAC and other programs."`
	Devices  devicesCommand  `cmd:"" help:"Show what this machine has to compute with, and how fast it is."`

	Completion completionCommand `cmd:"" help:"Print a script with which a shell completes commands and options."`
	Manual     manualCommand     `cmd:"" hidden:"" help:"Print the manual page, for man."`
}

// Codecs is where commands get their codec from.
type Codecs interface {
	// Codec returns the codec for a job, of the user's choice; what cannot be used is told to warn. The command calls done
	// when the job is over.
	Codec(choice preset.Choice, purpose backend.Purpose, warn func(error)) (codec job.Codec, done func() error, err error)
	// Survey tests and measures all backends of this machine, in batches of so many rows.
	Survey(ctx context.Context, rows []int) (backend.Survey, error)
}

// program is what commands have to work with.
type program struct {
	stdout io.Writer
	stderr io.Writer
	codecs Codecs
}

// errReported ends a command that has said already what failed.
var errReported = errors.New("something failed")

// usageError is a command line that cannot be meant so.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

// Run does what the arguments (without the program's name) say and returns the
// exit code: 0 if all went well, 1 if something failed, 2 if the arguments are
// wrong. Files are coded with what codecs has, and version is what --version
// shows. An interrupt or a request to terminate stops the work cleanly.
func Run(args []string, stdout, stderr io.Writer, codecs Codecs, version string) int {
	exited := false
	var c commands
	parser, err := kong.New(&c,
		kong.Name("trilobyte"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Vars{"version": version},
		kong.Exit(func(int) { exited = true }), // after --help and --version
		kong.KindMapper(reflect.String, kong.MapperFunc(decodeText)),
		kong.KindMapper(reflect.Int, kong.MapperFunc(decodeNumber)),
		kong.KindMapper(reflect.Int64, kong.MapperFunc(decodeNumber)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "trilobyte:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if exited {
		return exitOK
	}
	if err != nil {
		return usage(stderr, parsed, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(&program{stdout: stdout, stderr: stderr, codecs: codecs})
	return exitCode(stderr, parsed, err)
}

// decodeText takes an argument as it is. Kong would replace what is not UTF-8, which
// names of files may have. Nothing is called nothing: a variable of a script was not set.
func decodeText(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err != nil {
		return err
	}
	if token.String() == "" && ctx.Value.Enum == "" { // of those the default may be nothing
		return errors.New("it is empty")
	}
	target.SetString(token.String())
	return nil
}

func decodeNumber(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("number")
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(token.String(), 10, target.Type().Bits())
	if err != nil {
		return fmt.Errorf("%q is no number that it can take", token.String())
	}
	target.SetInt(number)
	return nil
}

// stopped is what is left of a command that was interrupted.
type stopped struct{ left string }

func (s stopped) Error() string   { return "stopped: " + s.left }
func (stopped) Is(err error) bool { return err == context.Canceled }

func exitCode(stderr io.Writer, parsed *kong.Context, err error) int {
	var wrong usageError
	var told stopped
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		return usage(stderr, parsed, err)
	case errors.As(err, &told):
		fmt.Fprintln(stderr, "trilobyte:", told)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "trilobyte: stopped")
	case !errors.Is(err, errReported):
		fmt.Fprintln(stderr, "trilobyte:", explain(err))
	}
	return exitFailed
}

// usage says what is wrong about the arguments, and where help is.
func usage(stderr io.Writer, parsed *kong.Context, err error) int {
	help := "trilobyte --help"
	if parse := (*kong.ParseError)(nil); errors.As(err, &parse) {
		parsed = parse.Context
	}
	if parsed != nil && parsed.Selected() != nil {
		help = "trilobyte " + parsed.Selected().Name + " --help"
	}
	message := strings.Replace(err.Error(), `must be one of "",`, "must be one of ", 1) // what is left out is none of them
	if strings.HasPrefix(message, "unexpected argument") && strings.HasSuffix(message, archive.Extension) {
		message += ": there can be one archive at a time"
	}
	fmt.Fprintf(stderr, "trilobyte: %s\nSee: %s\n", message, help)
	return exitUsage
}
