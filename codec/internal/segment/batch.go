package segment

import (
	"context"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
)

// batch is some frames of a group on their way through the encoder.
type batch struct {
	start   int // number of the first frame
	rows    []feature.Row
	width   int     // of a row of inputs
	inputs  []uint8 // of the network
	outputs []network.Outputs
	done    chan struct{} // gets one value when outputs are there
}

// encodeGroup runs the predictors over a group's samples, then the network over batches of rows, then the coders.
// There are two batches, so that a runner that computes elsewhere has one while the predictors work on the other.
// order are all tracks of the segment.
func (c *Coder) encodeGroup(ctx context.Context, group *Group, order []Track, encoders []*trackEncoder, progress func(samples int)) error {
	runner := c.encoding
	extractors := newExtractors(c.description, group, order)
	memories := c.newMemories(len(group.Tracks))
	frames := group.frames()
	length := min(max(batchFrames, runner.Rows()/len(group.Tracks)), frames)
	waiting, free := (*batch)(nil), c.newBatch(length*len(group.Tracks))
	// Whatever happens, no runner is left with a batch.
	defer func() {
		if waiting != nil {
			<-waiting.done
		}
	}()
	for start := 0; start < frames; start += length {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := free
		if next == nil {
			next = c.newBatch(length * len(group.Tracks))
		}
		next.fill(group, extractors, memories, start, min(start+length, frames))
		next.run(runner)
		free, waiting = waiting, next
		if free != nil {
			<-free.done
			free.encode(group, encoders, progress)
		}
	}
	<-waiting.done
	waiting.encode(group, encoders, progress)
	waiting = nil
	return nil
}

func (c *Coder) newBatch(rows int) *batch {
	return &batch{
		rows:    make([]feature.Row, 0, rows),
		width:   c.model.Inputs(),
		inputs:  make([]uint8, 0, rows*c.model.Inputs()),
		outputs: make([]network.Outputs, rows),
		done:    make(chan struct{}, 1),
	}
}

// newMemories returns a memory for each channel of a group.
func (c *Coder) newMemories(channels int) []*network.Memory {
	memories := make([]*network.Memory, channels)
	for i := range memories {
		memories[i] = c.model.NewMemory()
	}
	return memories
}

// fill runs the predictors over the frames from start to end.
func (b *batch) fill(group *Group, extractors []*feature.Extractor, memories []*network.Memory, start, end int) {
	b.start, b.rows = start, b.rows[:0]
	b.inputs = b.inputs[:(end-start)*len(group.Tracks)*b.width]
	rest := b.inputs
	for i := start; i < end; i++ {
		for t, e := range extractors {
			row := e.Next()
			b.rows = append(b.rows, *row)
			copy(rest, row.Features[:])
			rest = rest[b.width:]
			e.Learn(float64(group.coded[t][i]))
		}
	}
	network.Remember(memories, b.inputs)
}

// run has the outputs computed.
func (b *batch) run(runner network.Runner) {
	compute := func() {
		runner.Run(b.inputs, b.outputs[:len(b.rows)])
		b.done <- struct{}{}
	}
	if runner.Rows() > 0 {
		go compute() // encodeGroup waits for it
		return
	}
	compute()
}

// encode codes the samples.
func (b *batch) encode(group *Group, encoders []*trackEncoder, progress func(samples int)) {
	for k := range b.rows {
		t, frame := k%len(group.Tracks), b.start+k/len(group.Tracks)
		if !group.padding(t, frame) {
			encoders[t].encode(&b.outputs[k], &b.rows[k], int64(group.coded[t][frame]))
		}
	}
	if progress != nil {
		progress(len(b.rows))
	}
}
