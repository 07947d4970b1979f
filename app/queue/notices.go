package queue

import "sync"

// notices passes on what has happened, in the order in which it did, one notice at a time.
type notices struct {
	tell func(Notice) // may be nil

	telling sync.Mutex // tell is called under it
	mu      sync.Mutex
	waiting []Notice
}

// note adds a notice. Who calls it under a lock gives it its place, and calls deliver without the lock.
func (n *notices) note(what Notice) {
	if n.tell == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting = append(n.waiting, what)
}

// deliver passes on all notices that wait, unless somebody else has them already.
func (n *notices) deliver() {
	if !n.any() {
		return
	}
	n.telling.Lock()
	defer n.telling.Unlock()
	for _, what := range n.take() {
		n.tell(what)
	}
}

func (n *notices) any() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting) > 0
}

func (n *notices) take() []Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	waiting := n.waiting
	n.waiting = nil
	return waiting
}
