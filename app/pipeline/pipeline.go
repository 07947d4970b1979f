// Package pipeline runs tasks on several cores and hands their results on in
// the order of the tasks, with a bound on how many are held in memory.
//
// Ordered is all there is. One goroutine makes the tasks, N workers run them,
// and the calling goroutine consumes the results, so that what the consumer
// does (writing an archive, hashing a file) never depends on N. The goroutines
// live no longer than the call.
package pipeline

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Ordered calls every task of the sequence that produce yields, on the given
// number of goroutines, and consume with each result, in the order of the
// tasks, on the calling goroutine. At most so many tasks as ahead says, and no
// fewer than there are workers, are between being yielded and being consumed:
// the more, the longer may one take without keeping others waiting. Each of
// these goroutines calls enter first, if it is not nil.
//
// The first error, of produce, of consume or of the context, cancels the
// context that the tasks get and is returned once all goroutines have ended.
// Tasks have no errors of their own: what can go wrong with one task alone is
// part of its result. yield returns an error when produce is to stop and
// return it.
func Ordered[T any](ctx context.Context, workers, ahead int, enter func(), produce func(yield func(task func(context.Context) T) error) error, consume func(T) error) error {
	type job struct {
		task   func(context.Context) T
		result chan T
	}
	workers = max(workers, 1)
	ahead = max(ahead, workers)
	group, ctx := errgroup.WithContext(ctx)
	todo := make(chan job)
	inOrder := make(chan job, ahead-1) // and one that the consumer waits for

	group.Go(func() error {
		defer close(todo)
		defer close(inOrder)
		return produce(func(task func(context.Context) T) error {
			j := job{task, make(chan T, 1)}
			select {
			case inOrder <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
			return nil
		})
	})
	for range workers {
		group.Go(func() error {
			if enter != nil {
				enter()
			}
			for j := range todo {
				j.result <- j.task(ctx)
			}
			return nil
		})
	}

	consumeAll := func() error {
		for j := range inOrder {
			// A task that was never begun has no result.
			select {
			case result := <-j.result:
				if ctx.Err() != nil { // both were ready
					return ctx.Err()
				}
				if err := consume(result); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	// The group's context can only be cancelled from within the group.
	consumed := make(chan error, 1)
	group.Go(func() error { return <-consumed })
	consumed <- consumeAll()
	return group.Wait()
}
