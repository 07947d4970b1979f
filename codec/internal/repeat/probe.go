package repeat

import (
	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/predictor"
)

// probe tells by least squares about how many bits frames take, given what is just before them and what is around a lag.
type probe struct {
	fit         *predictor.Fit
	own, around int // regressors, half of those around the lag from before it
	skip        int // frames whose number has one of these bits are left out
}

func newProbe(own, around, skip int) probe {
	return probe{predictor.NewFit(own + around), own, around, skip}
}

// weightCost is about how many bits a weight costs until it is learned.
const weightCost = 6

// bits returns about how many bits the frames from start to end of all channels take.
func (p *probe) bits(samples [][]int32, start, end, lag int) (bits float64) {
	for _, channel := range samples {
		p.fit.Reset()
		first, count := max(start, p.own, lag+p.around/2), 0
		for t := first; t < end; t++ {
			if t&p.skip != 0 {
				continue
			}
			row := p.fit.Row()
			for i, v := range channel[t-p.own:][:p.own] {
				row[i] = float64(v)
			}
			for i, v := range channel[t-lag-p.around/2:][:p.around] {
				row[p.own+i] = float64(v)
			}
			p.fit.Add(float64(channel[t]))
			count++
		}
		if count == 0 {
			continue
		}
		left := p.fit.Left() / float64(count)
		bits += float64(float64(end-start)*fixed.PreciseLog2(left+rounding)/2) + float64(weightCost*p.around)
	}
	return bits
}
