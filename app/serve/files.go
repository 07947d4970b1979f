package serve

import (
	"context"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/net/webdav"

	"trilobyte/app/archive"
)

// contentTypes are those of recordings, by archive.File.Format.
var contentTypes = map[string]string{
	"wav": "audio/wav", "w64": "audio/x-w64", "aiff": "audio/aiff", "caf": "audio/x-caf", "au": "audio/basic", "flac": "audio/flac",
}

// texts are the types of files that browsers show, by extension. Tables of the system
// are not asked, so that all computers say the same.
var texts = map[string]string{
	".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8", ".cue": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".pdf": "application/pdf", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4",
}

// contentType returns the type of a file.
func contentType(f *archive.File) string {
	if t := contentTypes[f.Format]; t != "" {
		return t
	}
	if t := texts[strings.ToLower(path.Ext(f.Name))]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// etag is the same as long as the content is, also in another archive: what reads on
// where it stopped does not get something else.
func etag(f *archive.File) string {
	if f.SHA256 == "" {
		return ""
	}
	return `"` + f.SHA256 + `"`
}

// files are what is served, for package webdav, which asks for what is in folders.
type files struct{ root *node }

// Mkdir implements webdav.FileSystem.
func (files) Mkdir(context.Context, string, os.FileMode) error { return fs.ErrPermission }

// RemoveAll implements webdav.FileSystem.
func (files) RemoveAll(context.Context, string) error { return fs.ErrPermission }

// Rename implements webdav.FileSystem.
func (files) Rename(context.Context, string, string) error { return fs.ErrPermission }

// Stat implements webdav.FileSystem.
func (f files) Stat(_ context.Context, name string) (os.FileInfo, error) {
	n := f.root.find(name)
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return info{n}, nil
}

// OpenFile implements webdav.FileSystem.
func (f files) OpenFile(ctx context.Context, name string, flag int, _ os.FileMode) (webdav.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND) != 0 {
		return nil, fs.ErrPermission
	}
	n := f.root.find(name)
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return &opened{node: n}, nil
}

// opened is an open file or folder of which only the description is read.
type opened struct {
	node   *node
	listed int
}

// Close implements io.Closer.
func (*opened) Close() error { return nil }

// Read implements io.Reader: contents are for Server.file.
func (*opened) Read([]byte) (int, error) { return 0, fs.ErrPermission }

// Write implements io.Writer.
func (*opened) Write([]byte) (int, error) { return 0, fs.ErrPermission }

// Seek implements io.Seeker.
func (*opened) Seek(int64, int) (int64, error) { return 0, fs.ErrPermission }

// Stat implements http.File.
func (o *opened) Stat() (fs.FileInfo, error) { return info{o.node}, nil }

// Readdir implements http.File.
func (o *opened) Readdir(count int) ([]fs.FileInfo, error) {
	rest := o.node.listed[o.listed:]
	if count > 0 {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		rest = rest[:min(count, len(rest))]
	}
	o.listed += len(rest)
	var infos []fs.FileInfo
	for _, n := range rest {
		infos = append(infos, info{n})
	}
	return infos, nil
}

// info describes a node.
type info struct{ node *node }

func (i info) Name() string       { return i.node.name }
func (i info) IsDir() bool        { return i.node.folder() }
func (i info) ModTime() time.Time { return i.node.modified }
func (i info) Sys() any           { return nil }

// Size implements fs.FileInfo.
func (i info) Size() int64 {
	if i.node.folder() {
		return 0
	}
	return i.node.file.Size
}

// Mode implements fs.FileInfo.
func (i info) Mode() fs.FileMode {
	if i.node.folder() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// ContentType implements webdav.ContentTyper.
func (i info) ContentType(context.Context) (string, error) {
	if i.node.folder() {
		return mime.FormatMediaType("httpd/unix-directory", nil), nil
	}
	return contentType(i.node.file), nil
}

// ETag implements webdav.ETager.
func (i info) ETag(context.Context) (string, error) {
	if i.node.folder() || etag(i.node.file) == "" {
		return "", webdav.ErrNotImplemented
	}
	return etag(i.node.file), nil
}
