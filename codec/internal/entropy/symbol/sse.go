package symbol

import "trilobyte/codec/internal/entropy/rangecoder"

// Secondary symbol estimation corrects the model's probabilities of bits by what this channel has shown so far: which values
// occur, and how far the model is off. Two tables learn the probability of a bit given the model's; a small mixer
// weighs them and the model. (As in Mahoney's PAQ and lpaq.)
//
// All values are integers; probabilities are of a zero, in 2^-16; logits are in 1/256.

const (
	stretchLimit = 2047
	logitBuckets = 33 // of a table's entries: one every 128 from -2048 to 2048

	// certain is how close to 0 or 1 a probability must be for the estimation to leave it alone.
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
	i := p >> 4 & 4095
	upper := -(i >> 11) // all ones in the upper half, where the table is read backwards and negated
	v := int32(stretchTable[(i^upper)&2047])
	return v ^ int32(upper) - int32(upper)
}

// squash returns the probability of a logit.
func squash(logit int32) int32 {
	logit = max(-stretchLimit, min(stretchLimit, logit)) + 2048
	at := (*[2]int32)(squashTable[logit>>5&127:])
	return at[0] + (at[1]-at[0])*(logit&31)>>5
}

// EstimationTables returns the tables of secondary symbol estimation, for backends that compute it themselves: those of stretch and of
// squash, and the shares of buckets.
func EstimationTables() (stretch [2048]int16, squash [129]int32, share [256]int32) {
	return stretchTable, squashTable, shares
}

// bucket is the probability of a zero where the model's has a certain logit, and how often it was corrected.
type bucket struct {
	probability uint16
	count       uint16
}

// shares[n] is 65536/(n+1): how far, in 2^-16, a bucket moves that was corrected n times.
var shares = func() (s [256]int32) {
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

// entry is where a table was read: between two buckets.
type entry struct {
	buckets  *[2]bucket
	fraction int32 // 0..127 on the way to the second
}

func (t table) find(context int, logit int32) entry {
	position := logit + 2048
	buckets := &t[context]
	return entry{(*[2]bucket)(buckets[position>>7&31:]), position & 127}
}

func (e entry) probability() uint32 {
	a, b := int32(e.buckets[0].probability), int32(e.buckets[1].probability)
	return uint32(a + (b-a)*e.fraction>>7)
}

// learn moves the bucket next to the logit towards the bit that came: target is 65535 for a 0, else 0.
func (e entry) learn(target int32) {
	near := &e.buckets[e.fraction>>6&1]
	p := int32(near.probability)
	near.probability = uint16(p + (target-p)*shares[near.count&255]>>16)
	if near.count < countLimit {
		near.count++
	}
}

// estimation is the state of one channel.
type estimation struct {
	nodes  table // by the node in the token's tree
	widths table // by the ratio of the node's width to the mixture's scale
	mixers [mixerSets][mixerInputs]int32
}

func newEstimation(bytes int) *estimation {
	s := &estimation{nodes: newTable(bytes * 256), widths: newTable(levels * 8)}
	for i := range s.mixers {
		s.mixers[i] = [mixerInputs]int32{mixerOne * 8 / 10, mixerOne / 10, mixerOne / 10}
	}
	return s
}

// context is what the estimation knows of a bit: where its tables and its mixer are read.
type context struct {
	node  int // number of the byte, and place in its tree (1..255)
	width int // ratio of the node's width to the scale, and number of the bit in its byte
	mixer int // number of the byte
}

// isCertain reports whether the estimation leaves a probability alone.
func isCertain(p uint32) bool { return p < certain || p > rangecoder.ProbabilityOne-certain }

// code codes a bit and returns it. p is the model's probability of a zero.
func (s *estimation) code(coder bitCoder, p uint32, at context, bit int) int {
	if isCertain(p) {
		return coder.code(bit, p)
	}
	logit := stretch(p)
	byNode := s.nodes.find(at.node, logit)
	byWidth := s.widths.find(at.width, logit)
	nodeLogit, widthLogit := stretch(byNode.probability()), stretch(byWidth.probability())
	mixer := &s.mixers[at.mixer]
	sum := int64(mixer[0])*int64(logit) + int64(mixer[1])*int64(nodeLogit) + int64(mixer[2])*int64(widthLogit)
	mixed := squash(int32(max(-stretchLimit, min(stretchLimit, sum>>16))))

	bit = coder.code(bit, uint32(max(1, min(rangecoder.ProbabilityOne-1, mixed))))

	target := int32(rangecoder.ProbabilityOne-1) & int32(bit-1)
	err := target - mixed
	mixer[0] += (err*logit + 1<<(mixerRate-1)) >> mixerRate
	mixer[1] += (err*nodeLogit + 1<<(mixerRate-1)) >> mixerRate
	mixer[2] += (err*widthLogit + 1<<(mixerRate-1)) >> mixerRate
	byNode.learn(target)
	byWidth.learn(target)
	return bit
}
