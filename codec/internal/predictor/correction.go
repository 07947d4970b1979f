package predictor

import "unsafe"

// correction says what an NLMS filter predicts: what a prediction, its base, leaves of a sample, or, in a cascade, what the
// filters before it leave of that.
type correction struct {
	Base   int  // number of the base; none for a filter that predicts the sample itself
	After  int  // the filter before it in a cascade, which has the same base; none for the first one
	Other  int  // the filter whose output is added to that of this one, and whose step is the same; or none
	Robust bool // the errors that it learns from are limited to the running mean of their size, so that no burst throws it off
}

// none is the number of no prediction and of no filter.
const none = -1

// robustShare is the share with which an error enters the mean that errors of a robust filter are limited to.
const robustShare = 0.01

// corrections are what some filters predict, each in a lane of its own: those with a correction, then those that are the
// others of these.
type corrections struct {
	list  []correction
	first int              // number of the first filter's prediction; bases come before it
	lanes *correctionLanes // nil if there are too many for vectors
	sizes []float32        // running mean absolute errors of robust filters
}

const (
	correctionStages = 4 // of a cascade, at most, for vectors
	correctionBases  = 4 // predictions before the first filter's
)

// correctionLanes is what vector kernels need to know. They know its layout.
type correctionLanes struct {
	stage [correctionStages][filterLanes]int32 // the first filters of the lane's cascade, as far as there are so many
	step  [filterLanes]int32                   // the lane whose step is taken
	base  [filterLanes]int64
	sizes [filterLanes]float32

	// A bit for each lane: whether it has a correction, a base, an other one, is robust; whether it comes behind a stage; and
	// whether that stage's output is part of its prediction, as is the other filter's.
	own, based, paired, robust uint16
	behind, with               [correctionStages]uint16

	left [filterLanes]int32 // the base, or correctionBases for a filter that has none
}

// newCorrections makes the corrections of n filters, which number the predictions from first on. The list has those of the
// first of them.
func newCorrections(list []correction, n, first int) corrections {
	c := corrections{list: list, first: first}
	if n <= filterLanes && first <= correctionBases {
		c.lanes = newCorrectionLanes(list)
	}
	if c.lanes == nil {
		c.sizes = make([]float32, len(list))
	} else {
		c.sizes = c.lanes.sizes[:len(list)]
	}
	return c
}

// newCorrectionLanes returns nil if a cascade is too long for vectors.
func newCorrectionLanes(list []correction) *correctionLanes {
	l := &correctionLanes{}
	for lane := range l.step {
		l.step[lane], l.left[lane] = int32(lane), correctionBases
	}
	for lane, f := range list {
		stages := stagesOf(list, lane)
		if len(stages) > correctionStages || f.Other != none && len(stages) > 1 {
			return nil
		}
		bit := uint16(1) << lane
		l.own |= bit
		if f.Base != none {
			l.based |= bit
			l.base[lane], l.left[lane] = int64(f.Base), int32(f.Base)
		}
		if f.Robust {
			l.robust |= bit
		}
		for k := range stages[:len(stages)-1] {
			l.behind[k] |= bit
		}
		if f.Other != none {
			l.paired |= bit
			l.step[f.Other] = int32(lane)
			stages = append(stages, f.Other)
		}
		for k, stage := range stages {
			l.stage[k][lane] = int32(stage)
			l.with[k] |= bit
		}
	}
	return l
}

// stagesOf returns the filters of a cascade up to the given one.
func stagesOf(list []correction, filter int) []int {
	if after := list[filter].After; after != none {
		return append(stagesOf(list, after), filter)
	}
	return []int{filter}
}

// Predict makes predictions of the filters' outputs, behind those that are their bases: to a base it adds the outputs
// of the cascade's filters, up to the one whose prediction it is. The slices must have room for filterLanes filters.
func (c *corrections) Predict(outputs []float32, predictions []float64) {
	to := predictions[c.first:][:filterLanes:filterLanes]
	if active.correct != nil && c.lanes != nil {
		active.correct((*byte)(unsafe.Pointer(c.lanes)), &outputs[:filterLanes:filterLanes][0], &predictions[0], &to[0])
		return
	}
	to = predictions[c.first:][:len(c.list)]
	for i, f := range c.list {
		output := float64(outputs[i])
		switch {
		case f.After != none:
			output += to[f.After]
		case f.Base != none:
			output += predictions[f.Base]
		}
		if f.Other != none {
			output += float64(outputs[f.Other])
		}
		to[i] = output
	}
}

// Learn tells the filters' normalisers, with those of the others for their power, how the predictions fared: a filter's input
// is what was left of the sample before it, its error what is left after it. The inputs of the others are not told.
func (c *corrections) Learn(sample float64, outputs []float32, predictions []float64, n, others *normalisers) {
	if active.learnCorrections != nil && c.lanes != nil {
		outputs, to, powers := outputs[:filterLanes:filterLanes], predictions[c.first:][:filterLanes:filterLanes], others.Power[:filterLanes]
		active.learnCorrections((*byte)(unsafe.Pointer(c.lanes)), (*byte)(unsafe.Pointer(n)), &outputs[0], &powers[0], &decay[0].keep,
			&predictions[0], &to[0], sample)
		return
	}
	for i, f := range c.list {
		residual := float32(sample)
		switch {
		case f.After != none:
			residual = n.Error[f.After]
		case f.Base != none:
			residual = float32(sample - predictions[f.Base])
		}
		n.Input[i] = residual
		err := residual - outputs[i]
		if f.Base == none {
			err = float32(sample - predictions[c.first+i])
		}
		if f.Other != none {
			n.Power[i] += others.Power[i]
		}
		if f.Robust {
			err = c.limit(i, err)
		}
		n.Error[i] = err
	}
	n.Normalise()
	for i, f := range c.list {
		if f.Other != none {
			n.Step[f.Other] = n.Step[i]
		}
	}
}

func (c *corrections) limit(robust int, err float32) float32 {
	size := float32(c.sizes[robust]*(1-robustShare)) + float32(max(err, -err)*robustShare)
	c.sizes[robust] = size
	return max(-size, min(size, err))
}
