// Package serve lets others read archives over HTTP and WebDAV (RFC 4918), as
// folders: players, editors and file managers open recordings in them and seek, and
// people see pages that they can read. What is read is decoded on the way, and compared
// with its checksums before it is sent, but for what a browser plays: see listens.
// Nothing can be written.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/net/webdav"

	"trilobyte/app/archive"
	"trilobyte/app/content"
	"trilobyte/app/job"
)

// Server serves archives. It is an http.Handler.
type Server struct {
	archives []*content.Archive
	root     *node
	log      *log.Logger
	dav      webdav.Handler
	// local is whether requests must name this computer: see allowed.
	local bool
}

// methods are the methods that there are.
const methods = "OPTIONS, GET, HEAD, PROPFIND"

// New opens the archives at some paths. Each is a folder with the archive's name,
// without its extension. What has been decoded is kept in cacheSize bytes, for all.
// What goes wrong is told to log: one line each, with the times of what is damaged.
func New(codec job.Codec, paths []string, cacheSize int64, log *log.Logger) (*Server, error) {
	s := &Server{root: newFolder("", ""), log: log}
	cache := content.NewCache(cacheSize)
	for _, p := range paths {
		a, err := content.Open(codec, p, cache)
		if err != nil {
			return nil, errors.Join(named(p, err), s.Close())
		}
		s.archives = append(s.archives, a)
		for _, err := range a.Damage() {
			log.Printf("%q: %v", p, err)
		}
		base := filepath.Base(p)
		name := s.root.free(strings.TrimSuffix(base, archive.Extension))
		s.root.child(name).grow(a)
	}
	s.root.sort()
	s.dav = webdav.Handler{FileSystem: files{s.root}, LockSystem: webdav.NewMemLS()}
	return s, nil
}

// named adds its path to an error that does not name it.
func named(p string, err error) error {
	if errors.Is(err, archive.ErrNotArchive) || errors.Is(err, archive.ErrVersion) {
		return fmt.Errorf("%s: %w", p, err)
	}
	return err
}

// Close closes the archives, when no request is being answered any more.
func (s *Server) Close() (err error) {
	for _, a := range s.archives {
		err = errors.Join(err, a.Close())
	}
	return err
}

// Limits of connections. There is none on how long an answer takes: players read
// at the speed of the sound, or stand still.
const (
	mostConnections = 256
	mostHeader      = 32 << 10 // bytes
	mostBody        = 64 << 10 // bytes, of what a client asks PROPFIND for
	headerTime      = 10 * time.Second
	idleTime        = 2 * time.Minute
)

// Serve answers requests until ctx ends. Then it breaks off all that is being
// answered, and closes the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		s.local = a.IP.IsLoopback()
	}
	var answering sync.RWMutex // read-locked by whoever answers
	over := false
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answering.RLock()
			defer answering.RUnlock()
			if !over {
				s.ServeHTTP(w, r)
			}
		}),
		ErrorLog:          s.log,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    mostHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { closed <- server.Close() })
	err := server.Serve(netutil.LimitListener(l, mostConnections))
	if stop() { // it failed by itself
		closed <- server.Close()
	}
	closing := <-closed
	answering.Lock() // when nobody answers any more
	over = true
	answering.Unlock()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, closing)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r.Host) {
		http.Error(w, "This server answers only to programs on its own computer.", http.StatusMisdirectedRequest)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	switch r.Method {
	case http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.Header().Set("DAV", "1")
		w.Header().Set("MS-Author-Via", "DAV")
	case "PROPFIND":
		s.dav.ServeHTTP(w, r)
	case http.MethodGet, http.MethodHead:
		s.get(w, r)
	default:
		w.Header().Set("Allow", methods)
		http.Error(w, "Archives can only be read here.", http.StatusMethodNotAllowed)
	}
}

// allowed reports whether a request to that host is meant for this server. One that
// serves this computer alone does not answer to other names, which a page in the
// browser could have made to lead here (DNS rebinding).
func (s *Server) allowed(host string) bool {
	if !s.local {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// get answers with a page or a file.
func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	n := s.root.find(r.URL.Path)
	switch slash := strings.HasSuffix(r.URL.Path, "/"); {
	case n == nil || slash && !n.folder():
		http.Error(w, "There is nothing of that name.", http.StatusNotFound)
	case n.folder() && !slash:
		http.Redirect(w, r, (&url.URL{Path: n.path + "/"}).EscapedPath(), http.StatusMovedPermanently)
	case n.folder():
		s.page(w, r, n)
	default:
		s.file(w, r, n)
	}
}

// file answers with a file, or ranges of it.
func (s *Server) file(w http.ResponseWriter, r *http.Request, n *node) {
	ctx := r.Context()
	f, err := n.archive.File(ctx, n.held)
	if err != nil {
		s.fail(ctx, w, n, err)
		return
	}
	w.Header().Set("Content-Type", contentType(n.file))
	w.Header().Set("Content-Security-Policy", "sandbox") // a page in an archive is not one of this server
	if tag := etag(n.file); tag != "" {
		w.Header().Set("Etag", tag)
	}
	reader := f.Reader(ctx)
	if listens(r) {
		reader = f.Listen(ctx)
		w.Header().Set("Cache-Control", "no-store") // what turns out to be wrong is not kept
	}
	defer reader.Close()
	body := &remembering{ReadSeeker: reader}
	late := &lateWriter{ResponseWriter: w}
	http.ServeContent(late, r, "", n.modified, body)
	switch {
	case body.err == nil:
		late.flush()
	case late.begun:
		s.report(ctx, n, body.err)
		panic(http.ErrAbortHandler) // breaks the connection off, so that the client sees that this is not all
	default:
		for _, name := range []string{"Content-Range", "Content-Length", "Etag", "Last-Modified", "Accept-Ranges"} {
			w.Header().Del(name)
		}
		s.fail(ctx, w, n, body.err)
	}
}

// listens reports whether a request comes from a browser that plays what it gets (Fetch
// Metadata Request Headers, section 2.1), up to its end: that hears sound while it is
// decoded. If it is wrong, the answer breaks off before the end of the segment. All
// others get what has been compared with its checksums: they may keep it, and a
// stretch within a segment is complete before its checksum is known.
func listens(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "audio", "video":
		wanted := r.Header.Get("Range")
		return wanted == "" || strings.HasSuffix(wanted, "-") && !strings.Contains(wanted, ",")
	}
	return false
}

// fail answers that something cannot be read.
func (s *Server) fail(ctx context.Context, w http.ResponseWriter, n *node, err error) {
	if errors.Is(err, content.ErrChanged) {
		err = errChanged
	}
	s.report(ctx, n, err)
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// errChanged is content.ErrChanged for those who read over the network: only the one who serves can open the archive again.
var errChanged = errors.New("the archive was changed since it was opened; stop serving it, and start again")

// report logs an error, and of which archive, unless the client has gone away.
func (s *Server) report(ctx context.Context, n *node, err error) {
	if ctx.Err() == nil {
		name, _, _ := strings.Cut(strings.TrimPrefix(n.path, "/"), "/")
		s.log.Printf("%q", name+": "+err.Error())
	}
}

// remembering remembers the first error of a reader.
type remembering struct {
	io.ReadSeeker
	err error
}

func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.ReadSeeker.Read(p)
	if err != nil && err != io.EOF && r.err == nil {
		r.err = err
	}
	return n, err
}

// lateWriter begins an answer when its first bytes are there, and more than the head of
// a recording, which is kept apart from the sound: what cannot be read becomes an error,
// and not the beginning of a file.
type lateWriter struct {
	http.ResponseWriter
	status int
	head   []byte // not written yet
	begun  bool
}

const mostHead = 4 << 10 // bytes

// WriteHeader implements http.ResponseWriter.
func (w *lateWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *lateWriter) Write(p []byte) (int, error) {
	if !w.begun && len(w.head)+len(p) <= mostHead {
		w.head = append(w.head, p...)
		return len(p), nil
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

// flush writes what was held back. A client that has gone away is noticed when more is
// written.
func (w *lateWriter) flush() error {
	if w.begun {
		return nil
	}
	w.begun = true
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	_, err := w.ResponseWriter.Write(w.head)
	return err
}
