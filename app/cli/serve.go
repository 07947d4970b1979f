package cli

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strconv"

	"trilobyte/app/content"
	"trilobyte/app/job"
	"trilobyte/app/serve"
	"trilobyte/codec/backend"
)

type serveCommand struct {
	Archives []string `arg:"" name:"archive" help:"The archives."`
	Addr     string   `default:"127.0.0.1:8730" placeholder:"HOST:PORT" help:"Where to serve: by default, 127.0.0.1:8730, which only this computer can reach. :8730 is for all that can reach it."`
	Cache    int64    `placeholder:"MIB" help:"How much that was decoded is kept in memory: by default, 160 MiB."`

	backendFlags `embed:""`
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `Archives become folders that players, editors, file managers and browsers can open, over HTTP and WebDAV, until the command is interrupted. What they read is decoded on the way, with all checksums compared; a browser that plays a recording gets it before they are, and no more of it if they differ. Nothing can be written. An archive that is replaced meanwhile is served as it was until the command is started again. Where something is damaged, it is said here which seconds are lost.

Everybody who can reach the address can read the archives: there are no passwords.

Examples:

  trilobyte serve Album.trilobyte
  trilobyte serve *.trilobyte --addr :8730
  ffplay http://127.0.0.1:8730/Album/Album/Intro.wav`
}

// Validate implements kong.Validatable.
func (c serveCommand) Validate() error {
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || !isPort(port) {
		return errors.New("--addr: it takes a host and a port, such as 127.0.0.1:8730, or :8730")
	}
	if c.Cache < 0 || c.Cache > 1<<30 {
		return errors.New("--cache: it takes a number of MiB")
	}
	return c.backendFlags.Validate()
}

// isPort reports whether a text is the number of a port; 0 is for one that is free.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// Run serves.
func (c *serveCommand) Run(ctx context.Context, p *program) error {
	return p.withCodec(c.backendFlags, backend.Decoding, func(codec job.Codec) (err error) {
		size := int64(content.DefaultCacheSize)
		if c.Cache > 0 {
			size = c.Cache << 20
		}
		server, err := serve.New(codec, c.Archives, size, log.New(p.stderr, "trilobyte: ", 0))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		var listen net.ListenConfig
		l, err := listen.Listen(ctx, "tcp", c.Addr)
		if err != nil {
			return fmt.Errorf("%w; choose another address with --addr", err)
		}
		fmt.Fprintf(p.stdout, "Serving %s at http://%s/ until you interrupt this (Ctrl+C).\n", counted(len(c.Archives), "archive"), l.Addr())
		return server.Serve(ctx, l)
	})
}
