package disk

import "time"

// How long to try again what another program is in the way of. Virus scanners
// and search indexes open files that have just been written, for a moment.
const (
	firstPause = time.Millisecond
	patience   = time.Second // in all
)

// patiently does something, and does it again after longer and longer pauses,
// while it fails because another program is in the way, as inTheWay tells. It
// returns the last error.
func patiently(do func() error, inTheWay func(error) bool, sleep func(time.Duration)) error {
	var waited time.Duration
	for pause := firstPause; ; pause *= 2 {
		err := do()
		if err == nil || !inTheWay(err) || waited+pause > patience {
			return err
		}
		sleep(pause)
		waited += pause
	}
}
