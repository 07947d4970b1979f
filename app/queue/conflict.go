package queue

import "path/filepath"

// Way is what a job does about an archive that is there already.
type Way string

// The ways. Number is no job's: it takes another name at once. Check is AddChecks'.
const (
	Make    Way = ""        // a new archive; what is there stays, and the job fails
	Update  Way = "update"  // it is brought up to date, and keeps what is gone from the disk
	Replace Way = "replace" // it becomes what it would be if it were made anew
	Number  Way = "number"  // a new archive beside it gets a number
	Check   Way = "check"   // it is verified, and nothing else
)

// Resolve tries a failed job again whose archive's place is taken (Job.Taken), in
// another way. What is no sound archive is neither updated nor replaced. An update goes on with the preset that the archive was made with.
func (q *Queue) Resolve(id ID, way Way) {
	j, _ := q.Job(id)
	preset, known := q.presetOf(j.Archive)
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || e.State != Failed || e.Taken == "" || e.Taken == ByOther && way != Number {
		return
	}
	switch way {
	case Number:
		q.number(e)
	case Update:
		if known {
			e.Preset = preset
		}
		e.Way = Update
	default:
		e.Way = way
	}
	q.retry(e)
	q.wake()
	q.touchList()
}

// presetOf returns the preset that an archive was made with.
func (q *Queue) presetOf(archive string) (preset string, known bool) {
	engine := q.config.Engine
	model, ok := engine.Model(archive)
	if !ok {
		return "", false
	}
	if engine.Codec.Coder.ID() == model {
		return "", true
	}
	for name, codec := range q.config.Presets {
		if codec.Coder.ID() == model {
			return name, true
		}
	}
	return "", false
}

// number gives the archive of a job a name that nothing has. q.mu is held.
func (q *Queue) number(e *entry) {
	dir, base := filepath.Split(e.Archive)
	g := group{dir: dir, name: base}
	taken := q.targets()
	e.Archive = freeTarget("", g, taken)
	for q.exists(e.Archive) {
		taken[e.Archive] = true
		e.Archive = freeTarget("", g, taken)
	}
	e.Way = Make
}
