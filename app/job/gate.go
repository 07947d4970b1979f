package job

import (
	"context"
	"io"
	"sync"
)

// Gate is where jobs stand still. Their goroutines come to it before each task, and while they code a segment or read a
// file, and wait there, holding no lock, for as long as it is shut. The zero value is open, and so is a nil Gate. Its
// methods may be called from any goroutine.
type Gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed when the gate is opened; nil while it is open
}

// Shut lets everybody who comes to the gate wait.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
}

// Open lets everybody pass.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}

// Wait returns at once if the gate is open, and otherwise when it is opened. The error is that of the context, if that
// ends before.
func (g *Gate) Wait(ctx context.Context) error {
	for g != nil {
		g.mu.Lock()
		opened := g.opened
		g.mu.Unlock()
		if opened == nil {
			break
		}
		select {
		case <-opened: // it may have been shut again
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// reading returns file as what is read from only while the gate is open.
func (g *Gate) reading(ctx context.Context, file io.ReaderAt) io.ReaderAt {
	return readerAtFunc(func(p []byte, offset int64) (int, error) {
		if err := g.Wait(ctx); err != nil {
			return 0, err
		}
		return file.ReadAt(p, offset)
	})
}

type readerAtFunc func(p []byte, offset int64) (int, error)

// ReadAt implements io.ReaderAt.
func (f readerAtFunc) ReadAt(p []byte, offset int64) (int, error) { return f(p, offset) }

// pausing returns a progress callback for a coder of segments that calls the given one, and then waits at the gate. That
// the context has ended is for the coder to see.
func (g *Gate) pausing(ctx context.Context, progress func(samples int)) func(samples int) {
	return func(samples int) {
		progress(samples)
		g.Wait(ctx)
	}
}
