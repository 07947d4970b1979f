package cuda

// speeds are what has been measured, in samples a second: of one core, and of one block of a GPU while it is busy. They are told apart by
// programs, since presets take more or less time, and coding other than decoding.
type speeds map[string]float64

// measured notes that so many samples took so many seconds.
func (s speeds) measured(key string, samples int, seconds float64) {
	if seconds <= 0 || samples <= 0 {
		return
	}
	now := float64(samples) / seconds
	if last, ok := s[key]; ok {
		now = last + float64((now-last)/4)
	}
	s[key] = now
}

// seconds is how long so many samples take, about; assumed is the speed as long as none was measured.
func (s speeds) seconds(key string, samples int, assumed float64) float64 {
	if v, ok := s[key]; ok {
		assumed = v
	}
	return float64(samples) / assumed
}

// Speeds that are assumed until they have been measured: of a core with vector instructions, of a block of an H200, and of one of a GPU that is
// slow with numbers of 64 bits.
const (
	assumedCore      = 300_000
	assumedBlock     = 50_000
	assumedSlowBlock = 15_000
	slowDoubles      = 8
)

// seconds is how long a segment takes the GPU, about.
func (d *Device) seconds(t *ticket) float64 {
	assumed := float64(assumedBlock)
	if d.card.Properties().Doubles > slowDoubles {
		assumed = assumedSlowBlock
	}
	return d.speeds.seconds(t.key, t.samples, assumed)
}

// forGPU decides whether a GPU takes a segment that takes it so many seconds: if the cores would not have finished it before. waiting is how
// long all segments that wait, with this one, would take one core, running how long the cores will still be busy, each one on average.
func forGPU(onGPU, onCore, waiting, running float64, cores int) bool {
	return max(waiting/float64(cores), onCore)+running > onGPU
}

// forCore decides whether a core takes a segment: unless a GPU, which will be free in a while, would finish it before.
func forCore(onCore, onGPU, free float64) bool { return onCore <= free+onGPU }
