package filechooser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// What the portal is called (XDG Desktop Portal, org.freedesktop.portal.FileChooser
// and org.freedesktop.portal.Request).
const (
	portalName   = "org.freedesktop.portal.Desktop"
	portalPath   = "/org/freedesktop/portal/desktop"
	openFile     = "org.freedesktop.portal.FileChooser.OpenFile"
	requests     = "org.freedesktop.portal.Request"
	response     = requests + ".Response"
	closeRequest = requests + ".Close"
)

// patience is how long the portal may take to open a dialog: it may have to be started.
const patience = 10 * time.Second

// The answers of the portal: 0, or 1 if the user has cancelled; others are failures.
const (
	chosen    = 0
	cancelled = 1
)

func choose(ctx context.Context, r Request) ([]string, error) {
	if !hasBus() {
		return nil, ErrNone
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, errors.Join(ErrNone, err)
	}
	defer bus.Close()
	answers := make(chan *dbus.Signal, 8)
	bus.Signal(answers)
	// Answers may come before it is known which one is meant.
	if err := bus.AddMatchSignal(dbus.WithMatchInterface(requests), dbus.WithMatchMember("Response")); err != nil {
		return nil, errors.Join(ErrNone, err)
	}
	request, err := ask(ctx, bus, r)
	if err != nil {
		return nil, errors.Join(ErrNone, err)
	}
	for {
		select {
		case <-ctx.Done():
			shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			bus.Object(portalName, request).CallWithContext(shut, closeRequest, 0)
			return nil, ctx.Err()
		case s, open := <-answers:
			switch {
			case !open:
				return nil, errors.New("the file dialog of the desktop has ended")
			case s.Name == response && s.Path == request:
				return read(s.Body)
			}
		}
	}
}

// hasBus says whether there is a session bus. The library would start one otherwise.
func hasBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join("/run/user", fmt.Sprint(os.Getuid()), "bus"))
	return err == nil
}

// ask has the dialog opened, and returns what names it.
func ask(ctx context.Context, bus *dbus.Conn, r Request) (request dbus.ObjectPath, err error) {
	options := map[string]dbus.Variant{
		"accept_label": dbus.MakeVariant(r.Accept),
		"modal":        dbus.MakeVariant(true),
		"multiple":     dbus.MakeVariant(r.Several),
		"directory":    dbus.MakeVariant(r.Folder),
	}
	if len(r.Extensions) > 0 {
		options["filters"] = dbus.MakeVariant([]filter{filterOf(r)})
	}
	if r.Dir != "" {
		options["current_folder"] = dbus.MakeVariant(append([]byte(r.Dir), 0))
	}
	// Not the caller's context: a dialog that has opened must be known, to be closed.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = bus.Object(portalName, portalPath).CallWithContext(ctx, openFile, 0, r.Parent, r.Title, options).Store(&request)
	return request, err
}

// filter is a kind of files that can be chosen, by patterns.
type filter struct {
	Name     string
	Patterns []pattern
}

type pattern struct {
	Kind uint32 // 0: a shell pattern
	Text string
}

// filterOf is the filter of a request. The portal's patterns tell capitals from
// others.
func filterOf(r Request) filter {
	f := filter{Name: r.Kind}
	for _, e := range r.Extensions {
		f.Patterns = append(f.Patterns, pattern{0, "*" + e}, pattern{0, "*" + strings.ToUpper(e)})
	}
	return f
}

// read returns the paths in an answer of the portal.
func read(body []any) ([]string, error) {
	var code uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &code, &results); err != nil {
		return nil, fmt.Errorf("the desktop's file dialog gives no answer that can be read: %w", err)
	}
	switch code {
	case chosen:
	case cancelled:
		return nil, nil
	default:
		return nil, errors.New("the desktop's file dialog has failed")
	}
	uris, _ := results["uris"].Value().([]string)
	var paths []string
	for _, uri := range uris {
		if u, err := url.Parse(uri); err == nil && u.Scheme == "file" {
			paths = append(paths, u.Path)
		}
	}
	return paths, nil
}
