//go:build cgo && !headless && !linux

package idle

import "context"

// Rest does nothing on this system, where it was never tried.
func (l *Loop) Rest(context.Context) {}

func wake() {}
