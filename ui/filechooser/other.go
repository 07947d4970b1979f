//go:build !linux

package filechooser

import "context"

func choose(context.Context, Request) ([]string, error) { return nil, ErrNone }
