//go:build !cgo

package onnx

import "trilobyte/codec/internal/network"

// Library is ONNX Runtime, loaded; in this build, which has no cgo, there is none.
type Library struct{}

// Load returns ErrNotInBuild.
func Load(string) (*Library, error) { return nil, ErrNotInBuild }

// Path is where the library was loaded from.
func (*Library) Path() string { return "" }

// Version is the version of ONNX Runtime.
func (*Library) Version() string { return "" }

// Open returns ErrNotInBuild.
func (*Library) Open(*network.Model, Device, Options) (*Runner, error) { return nil, ErrNotInBuild }
