package serve

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/figures"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// pageData is what a page shows.
type pageData struct {
	Title   string
	Parents []pageLink
	Entries []pageEntry
}

type pageLink struct{ Name, Address string }

type pageEntry struct {
	pageLink
	Folder bool
	Size   string
	Length string // of a recording
	Sound  bool   // a browser can play it
	Note   string
}

// playable are the kinds of files that browsers play.
var playable = map[string]bool{"wav": true, "flac": true}

// page answers with a page of what is in a folder.
func (s *Server) page(w http.ResponseWriter, r *http.Request, n *node) {
	data := pageData{Title: "Archives"}
	p := "/"
	for name := range strings.SplitSeq(strings.Trim(n.path, "/"), "/") {
		if name == "" {
			break
		}
		data.Parents = append(data.Parents, pageLink{data.Title, address(p)})
		data.Title, p = name, p+name+"/"
	}
	for _, c := range n.listed {
		e := pageEntry{pageLink: pageLink{c.name, address("./" + c.name)}, Folder: c.folder()}
		if e.Folder {
			e.Name, e.Address = e.Name+"/", e.Address+"/"
		} else {
			e.Size, e.Note = figures.Bytes(c.file.Size), c.file.Note
			if c.file.Kind == archive.KindRecording {
				e.Length = figures.Duration(c.file.Duration().Round(time.Second))
				e.Sound = playable[c.file.Format]
			}
		}
		data.Entries = append(data.Entries, e)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
	if r.Method == http.MethodHead {
		return
	}
	if err := pageTemplate.Execute(w, data); err != nil {
		s.report(r.Context(), n, err)
	}
}

// address returns a path as links have it.
func address(p string) string { return (&url.URL{Path: p}).EscapedPath() }
