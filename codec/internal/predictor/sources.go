package predictor

// The recording tells of a sample not only by what came just before it, but also by what lies elsewhere: around the place where the same
// was heard before, and around the same place in channels that are known already. From there come further regressors.

// MaxReferences is the most references of a channel.
const MaxReferences = 8

// MaxDelay is the greatest delay of a reference in frames, either way.
const MaxDelay = 1 << 16

// ahead is how many frames the cross filters see of the first reference beyond the sample that is predicted.
const ahead = 16

// Reference is a channel that is known throughout before another one is predicted from it, from what was just before and what comes
// just after.
type Reference struct {
	Samples []int32
	Delay   int // so many frames after the reference the same is heard in the channel; negative if before
}

// Known is how many frames of the reference must be known so that so many of the channel can be predicted, or a few more than that.
func (r Reference) Known(frames int) int { return max(0, frames-r.Delay+max(ahead, maxUnknowns)) }

// Relations says where, besides their newest samples, channels are told of.
type Relations struct {
	Lags       Lags
	References []Reference // of a channel alone, at most MaxReferences, the one that tells most first
	Starts     []Start     // of each channel; nil if nothing is known
	Windows    []Window    // of each channel's tones; nil if there are none
}

// sources gives the groups of a set regressors that are not the newest of its channel.
type sources struct {
	lags       Lags // nil if nothing repeats
	references []Reference
	count      int // samples that were predicted
	own        surroundings
	other      surroundings // of the other channel of a pair, or of the first reference
	list       []source     // of each group
}

// newSources makes the sources of one channel of some, nil if there are none.
func newSources(samples [][]int32, channel int, r Relations) *sources {
	if r.Lags == nil && len(r.References) == 0 {
		return nil
	}
	s := &sources{lags: r.Lags, references: r.References}
	s.own.samples = samples[channel]
	switch {
	case len(samples) > 1:
		s.other.samples = samples[1-channel]
	case len(r.References) > 0:
		s.other.samples, s.other.delay = r.References[0].Samples, r.References[0].Delay
	}
	return s
}

// surroundings are samples around the place that a lag leads to.
type surroundings struct {
	samples []int32 // of the channel, as far as they are known; nil if there is no such channel
	delay   int
	most    int // so many are looked at
	values  [MaxAround]float64
}

// at looks at what is around the sample of that number.
func (s *surroundings) at(sample int) { window(s.values[:s.most], s.samples, sample-s.delay-s.most/2) }

// move looks at what is around the sample of that number, the next one.
func (s *surroundings) move(sample int) { slide(s.values[:s.most], s.samples, sample-s.delay-s.most/2) }

// middle returns the n of the values that are nearest to the place.
func (s *surroundings) middle(n int) []float64 { return s.values[(s.most-n)/2:][:n] }

// window sets the values to the samples from first on; what lies before or after them all is 0.
func window(values []float64, samples []int32, first int) {
	for len(values) > 0 && first < 0 {
		values[0] = 0
		values, first = values[1:], first+1
	}
	known := samples[max(0, min(first, len(samples))):]
	known = known[:min(len(known), len(values))]
	for i, v := range known {
		values[i] = float64(v)
	}
	clear(values[len(known):])
}

// slide is window where the values were those of a frame before.
func slide(values []float64, samples []int32, first int) {
	if len(values) == 0 {
		return
	}
	last, newest := len(values)-1, 0.
	if i := first + last; i >= 0 && i < len(samples) {
		newest = float64(samples[i])
	}
	copy(values, values[1:])
	values[last] = newest
}

// source is what the regressors of a group besides the newest of the channel are: those of the other channel or of the references, then
// those around the lag.
type source struct {
	values                     []float64
	other, around, aroundOther int
	extracts                   []extract // of the references, one after the other
}

// extract is what a group sees of a reference.
type extract struct {
	samples []int32
	offset  int // from the frame that is predicted to the first one
	size    int
}

// extracts divides so many regressors among the references.
func (r *sources) extracts(regressors int) (list []extract) {
	share := max(1, regressors/max(1, len(r.references)))
	for _, reference := range r.references {
		size := min(share, regressors)
		list = append(list, extract{reference.Samples, -reference.Delay - (size-1)/2, size})
		if regressors -= size; regressors == 0 {
			break
		}
	}
	return list
}

// add appends the source of a group, and returns how many regressors the group has from the channel itself and from there.
func (r *sources) add(l *LeastSquares) (own, besides int) {
	own = l.Own
	s := source{other: l.Other}
	if r.lags != nil && l.Repeating != nil {
		own = l.Repeating.Own
		s = source{other: l.Repeating.Other, around: l.Repeating.Around, aroundOther: l.Repeating.AroundOther}
	}
	if r.other.samples == nil {
		own, s.other, s.aroundOther = own+s.other, 0, 0
	}
	s.values = make([]float64, s.other+s.around+s.aroundOther)
	s.extracts = r.extracts(s.other)
	r.list = append(r.list, s)
	r.own.most, r.other.most = max(r.own.most, s.around), max(r.other.most, s.aroundOther)
	return own, len(s.values)
}

// next returns the first reference's newest sample that the cross filters see of it.
func (r *sources) next() float64 {
	var newest [1]float64
	window(newest[:], r.references[0].Samples, r.count-r.references[0].Delay+ahead)
	return newest[0]
}

// gather brings the values of all sources up to date, given the newest samples of the other channel of a pair.
func (r *sources) gather(other *regressors) {
	if r.lags != nil {
		r.gatherRepeats(r.lags[r.count/Stretch], r.count%Stretch == 0)
	}
	for i := range r.list {
		s := &r.list[i]
		to := s.values
		if len(r.references) == 0 {
			copy(to, other.newest(s.other))
		}
		at := 0
		for _, e := range s.extracts {
			if r.count == 0 {
				window(to[at:][:e.size], e.samples, e.offset)
			} else {
				slide(to[at:][:e.size], e.samples, r.count+e.offset)
			}
			at += e.size
		}
		to = to[s.other:]
		to = to[copy(to, r.own.middle(s.around)):]
		copy(to, r.other.middle(s.aroundOther))
	}
	r.count++
}

// gatherRepeats looks at what is around the lag, which is a new one where a stretch begins.
func (r *sources) gatherRepeats(lag int, begins bool) {
	switch {
	case begins && lag == 0:
		clear(r.own.values[:])
		clear(r.other.values[:])
	case begins:
		r.own.at(r.count - lag)
		r.other.at(r.count - lag)
	case lag > 0:
		r.own.move(r.count - lag)
		r.other.move(r.count - lag)
	}
}
