package job

import (
	"context"
	"sync"

	"trilobyte/app/archive"
)

// read yields the tasks that make the parts of all items. It looks into them in their
// order, and prepares some at the same time, ahead of those whose parts are yielded.
func (r *reader) read(ctx context.Context, items []item, yield func(func(context.Context) part) error) error {
	var preparing sync.WaitGroup
	defer preparing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var waiting []upcoming // in order
	for _, it := range items {
		next, err := r.upcoming(ctx, it, &preparing)
		if err != nil {
			return err
		}
		if waiting = append(waiting, next); len(waiting) < r.ahead() {
			continue
		}
		if err := waiting[0].yield(ctx, yield); err != nil {
			return err
		}
		waiting = waiting[1:]
	}
	for _, u := range waiting {
		if err := u.yield(ctx, yield); err != nil {
			return err
		}
	}
	return nil
}

// mostAhead bounds the memory that preparing takes.
const mostAhead = 4

// ahead is how many items are prepared at the same time: what one needs keeps three
// cores busy at most, and GPUs would wait for it.
func (r *reader) ahead() int { return min((r.workers+2)/3, mostAhead) }

// upcoming is an item whose parts are to be yielded.
type upcoming struct {
	only     part       // if it has no source
	source   *source    // or nil
	prepared chan error // has the outcome for the source
}

// upcoming looks into an item, and has it prepared in the background.
func (r *reader) upcoming(ctx context.Context, it item, preparing *sync.WaitGroup) (upcoming, error) {
	switch {
	case it.kind != archive.KindFile:
		return upcoming{only: part{item: it, take: it.gone}}, nil
	case it.unread(r.former.exact):
		return upcoming{only: part{item: it, take: true}}, nil
	case it.gone: // and refers to what is not there any more
		var err error
		if it, err = r.former.bring(ctx, r.disk, r.gate, r.workers, it); err != nil {
			return upcoming{}, err
		}
	}
	s, err := r.begin(ctx, it, false)
	if err != nil {
		return upcoming{only: part{item: it, err: err}}, nil
	}
	s.take = it.take && r.former.fits(s)
	u := upcoming{source: s, prepared: make(chan error, 1)}
	preparing.Go(func() { u.prepared <- r.prepare(ctx, s) })
	return u, nil
}

// yield yields the tasks of an upcoming item, once it is prepared.
func (u upcoming) yield(ctx context.Context, yield func(func(context.Context) part) error) error {
	ready := func(p part) error {
		return yield(func(context.Context) part { return p })
	}
	s := u.source
	if s == nil {
		return ready(u.only)
	}
	if err := <-u.prepared; err != nil {
		return ready(part{item: s.item, err: err})
	}
	for i := range s.parts {
		if err := yield(func(ctx context.Context) part { return s.part(ctx, i) }); err != nil {
			return err
		}
	}
	return nil
}
