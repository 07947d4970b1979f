package queue

import "time"

// history is the running comparison over the time of work.
type history struct {
	points  []Point
	before  time.Duration
	resumed time.Time // zero while nothing works
	every   time.Duration
	last    time.Duration
}

const (
	maxPoints     = 400
	historyPeriod = 250 * time.Millisecond
)

func (h *history) pause() {
	if !h.resumed.IsZero() {
		h.before += time.Since(h.resumed)
		h.resumed = time.Time{}
	}
}

func (h *history) resume() {
	if h.resumed.IsZero() {
		h.resumed = time.Now()
	}
}

// restart forgets what was before, for other files are compared now.
func (h *history) restart(totals Sizes) {
	*h = history{resumed: h.resumed}
	if !h.resumed.IsZero() {
		h.resumed = time.Now()
		h.add(h.resumed, totals)
	}
}

// add adds the totals at a moment, unless the last ones are too young. When
// there are too many points, every other one goes.
func (h *history) add(now time.Time, totals Sizes) {
	if totals.FLAC <= 0 || h.resumed.IsZero() {
		return
	}
	h.every = max(h.every, historyPeriod)
	at := h.before + now.Sub(h.resumed)
	if len(h.points) > 0 && at-h.last < h.every {
		h.points[len(h.points)-1] = Point{at, float64(totals.Trilobyte) / float64(totals.FLAC)}
		return
	}
	h.last = at
	h.points = append(h.points, Point{at, float64(totals.Trilobyte) / float64(totals.FLAC)})
	if len(h.points) <= maxPoints {
		return
	}
	kept := h.points[:0]
	for i, p := range h.points {
		if i%2 == 0 {
			kept = append(kept, p)
		}
	}
	h.points, h.every = kept, 2*h.every
}
