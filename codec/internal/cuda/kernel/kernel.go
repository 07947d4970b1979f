// Package kernel lays out segments for GPUs.
package kernel

import (
	"errors"

	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

type Kernel struct{}

func New(m *network.Model) (*Kernel, error) { return nil, errors.New("not yet") }
func (k *Kernel) PTX() []byte               { return nil }
func (k *Kernel) Tables() []byte            { return nil }
func (k *Kernel) Launch(encode bool) Launch { return Launch{} }

type Launch struct {
	Entry           string
	Threads, Shared int
}
type Segment struct {
	Encode bool
	Frames int
	Groups []Group
}
type Group struct {
	Tracks     []Track
	Offset     int
	Lags       predictor.Lags
	References []Reference
}
type Reference struct{ Track, Delay int }
type Track struct {
	Low, High int64
	List      []int64
	SSE       bool
	Start     predictor.Start
	Window    predictor.Window
	Steps     []int32
	Stream    []byte
}

func (k *Kernel) Request(s *Segment) (*Request, error) { return nil, errors.New("not yet") }

type Request struct {
	Input           []byte
	Output, Scratch int
}

func (k *Kernel) Result(s *Segment, output []byte) ([]TrackResult, error) {
	return nil, errors.New("not yet")
}

type TrackResult struct {
	Steps       []int32
	Stream      []byte
	Listed, SSE bool
}
