// Package progress lets a coder of segments, which may work for a minute on
// one, tell how far it is. What listens travels in the context, so that coders
// and their interface know nothing of it.
package progress

import "context"

type key struct{}

// With returns a context with which Add calls report.
func With(ctx context.Context, report func(samples int)) context.Context {
	return context.WithValue(ctx, key{}, report)
}

// Add says that so many more samples, over all channels, are coded. It does
// nothing if nobody listens. It is too slow to be called for each sample.
func Add(ctx context.Context, samples int) {
	if report, ok := ctx.Value(key{}).(func(samples int)); ok {
		report(samples)
	}
}
