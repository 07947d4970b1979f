package token

import "trilobyte/codec/rangecoder"

// The last stage corrects the model's probabilities of bits by what this channel has shown so far: which values
// occur, and how far the model is off. Two tables learn the probability of a bit given the model's; a small mixer
// weighs them and the model. (Secondary symbol estimation and logistic mixing as in Mahoney's PAQ and lpaq.)
//
// All values are integers; probabilities are of a zero, in 2^-16; logits are in 1/256.

const (
	stretchLimit = 2047
	logitBuckets = 33 // of a table's entries: one every 128 from -2048 to 2048

	// certain is how close to 0 or 1 a probability must be for the last stage to leave it alone.
	certain = 64

	// A bucket's first correction is that of one that has seen startCount bits; from countLimit on its rate is even.
	startCount = 16
	countLimit = 250

	mixerInputs = 3
	mixerOne    = 1 << 16
	mixerRate   = 18 // shift of error times logit
	mixerSets   = 4  // one for each byte of the token
	levels      = 24 // of the ratio of a node's width to the mixture's scale
)

// stretch returns the logit of a probability.
func stretch(p uint32) int32 {
	i := p >> 4
	if i < 2048 {
		return int32(stretchTable[i])
	}
	return -int32(stretchTable[4095-i])
}

// squash returns the probability of a logit.
func squash(logit int32) int32 {
	logit = max(-stretchLimit, min(stretchLimit, logit)) + 2048
	i, fraction := logit>>5, logit&31
	return squashTable[i] + (squashTable[i+1]-squashTable[i])*fraction>>5
}

// bucket is the probability of a zero where the model's has a certain logit, and how often it was corrected.
type bucket struct {
	probability uint16
	count       uint16
}

// shares[n] is 65536/(n+1): how far, in 2^-16, a bucket moves that was corrected n times.
var shares = func() (s [countLimit + 1]int32) {
	for n := range s {
		s[n] = int32(65536 / (n + 1))
	}
	return s
}()

// table maps a context and a probability to a corrected probability.
type table [][logitBuckets]bucket

func newTable(contexts int) table {
	var identity [logitBuckets]bucket
	for i := range identity {
		identity[i] = bucket{uint16(min(65535, squash(int32(i)*128-2048))), startCount}
	}
	t := make(table, contexts)
	for i := range t {
		t[i] = identity
	}
	return t
}

// entry is where a table was read.
type entry struct {
	buckets  *[logitBuckets]bucket
	index    int32
	fraction int32 // 0..127 on the way to the next bucket
}

func (t table) find(context int, logit int32) entry {
	position := logit + 2048
	return entry{&t[context], position >> 7, position & 127}
}

func (e *entry) probability() uint32 {
	a, b := int32(e.buckets[e.index].probability), int32(e.buckets[e.index+1].probability)
	return uint32(a + (b-a)*e.fraction>>7)
}

// learn moves the bucket nearest to the logit towards the bit that came.
func (e *entry) learn(bit int) {
	target := int32(65535)
	if bit == 1 {
		target = 0
	}
	near := e.index
	if e.fraction >= 64 {
		near++
	}
	b := &e.buckets[near]
	p := int32(b.probability)
	b.probability = uint16(p + (target-p)*shares[b.count]>>16)
	if b.count < countLimit {
		b.count++
	}
}

// lastStage is the state of one channel.
type lastStage struct {
	nodes  table // by the node in the token's tree
	widths table // by the ratio of the node's width to the mixture's scale
	mixers [mixerSets][mixerInputs]int32

	logits      [mixerInputs]int32
	node, width entry
	mixer       *[mixerInputs]int32
	mixed       int32
	active      bool
}

func newLastStage(tokens int) *lastStage {
	s := &lastStage{nodes: newTable(tokens * 256), widths: newTable(levels * 8)}
	for i := range s.mixers {
		s.mixers[i] = [mixerInputs]int32{mixerOne * 8 / 10, mixerOne / 10, mixerOne / 10}
	}
	return s
}

// correct returns the probability of a zero to code with. token is the number of the byte, node the place in its
// tree (1..255), depth the number of the bit in it, level the ratio of the node's width to the scale.
func (s *lastStage) correct(p uint32, token, node, depth, level int) uint32 {
	s.active = p >= certain && p <= rangecoder.ProbabilityOne-certain
	if !s.active {
		return p
	}
	logit := stretch(p)
	s.node = s.nodes.find(token<<8|node, logit)
	s.width = s.widths.find(level<<3|depth, logit)
	s.logits = [mixerInputs]int32{logit, stretch(s.node.probability()), stretch(s.width.probability())}
	s.mixer = &s.mixers[token]
	sum := int64(0)
	for i, w := range s.mixer {
		sum += int64(w) * int64(s.logits[i])
	}
	s.mixed = squash(int32(max(-stretchLimit, min(stretchLimit, sum>>16))))
	return uint32(max(1, min(rangecoder.ProbabilityOne-1, s.mixed)))
}

// learn tells the bit that was coded with the probability that correct returned.
func (s *lastStage) learn(bit int) {
	if !s.active {
		return
	}
	err := int32(rangecoder.ProbabilityOne-1) - s.mixed
	if bit == 1 {
		err = -s.mixed
	}
	for i := range s.mixer {
		s.mixer[i] += (err*s.logits[i] + 1<<(mixerRate-1)) >> mixerRate
	}
	s.node.learn(bit)
	s.width.learn(bit)
}
