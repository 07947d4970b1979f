package job

import (
	"context"
	"sync/atomic"
	"time"

	"trilobyte/codec/stream"
)

// EstimateOptions say what Estimate is to look at.
type EstimateOptions struct {
	Paths []string // files and folders, as Compress has them
	// Presets are what the files might be compressed with, at least one. Most is
	// coded with the first; a part of that with the others, which are compared.
	Presets []PresetCoder
}

// PresetCoder is the coder of a preset.
type PresetCoder struct {
	Name  string
	Coder stream.SegmentCoder
}

// Estimate is about what Compress would make of files, without making it.
type Estimate struct {
	Files      int           // but for folders and links
	Bytes      int64         // that they have
	Recordings int           // of the files, those whose samples are coded
	Audio      time.Duration // that these last
	Copies     int           // of the files, those with the same content as one before
	// Held are the bytes of the recordings that FLAC can hold, FLAC how many it
	// would need for them. It knows of no copies.
	Held, FLAC int64
	Presets    []PresetEstimate
	Kept       []KeptWhole
	Failed     int // files that cannot be archived
	// Listened is how much audio was coded for this.
	Listened time.Duration
}

// PresetEstimate is about what one preset would make of all files.
type PresetEstimate struct {
	Name    string
	Archive int64         // bytes, which is also the room that making it takes
	Held    int64         // of these, those of what FLAC can hold
	Time    time.Duration // to compress and verify, on this machine
}

// Saving is by how much less than FLAC a preset needs for what FLAC can hold, as a
// share: 0.1 is a tenth less. It is 0 if there is none of that.
func (e *Estimate) Saving(p PresetEstimate) float64 {
	if e.FLAC == 0 {
		return 0
	}
	return 1 - float64(p.Held)/float64(e.FLAC)
}

// KeptWhole is a recording whose samples would not be coded.
type KeptWhole struct {
	Name string // in the archive
	Size int64  // bytes
	Why  string
}

// Estimate looks at files and folders as Compress does, codes samples of the
// recordings, which are the same every time, and tells from these what Compress
// would make of all. Copies, and samples that other recordings have, count once.
// What cannot be read is reported. The error is the context's, or ErrNothingToDo.
//
// How the whole is told from the samples is written beside the functions that do so.
func (e *Engine) Estimate(ctx context.Context, o EstimateOptions) (*Estimate, error) {
	r := e.report(Estimating)
	found, err := e.Scan(ctx, o.Paths)
	if err != nil {
		return nil, err
	}
	for _, f := range found.failures {
		f.Phase = Estimating
		r.add(f)
	}
	if len(found.items) == 0 {
		return nil, ErrNothingToDo
	}
	r.planned(len(found.items), found.bytes)
	v := &survey{engine: e, presets: o.Presets, report: r, byName: map[string]*sampled{},
		result: &Estimate{Presets: make([]PresetEstimate, len(o.Presets))}}
	for i, p := range o.Presets {
		v.result.Presets[i].Name = p.Name
	}
	if err := v.listen(ctx, found.items); err != nil {
		return nil, err
	}
	v.total()
	v.result.Failed = r.summary.Failed
	return v.result, nil
}

// survey is an estimate in the making.
type survey struct {
	engine   *Engine
	presets  []PresetCoder
	report   *report
	result   *Estimate
	heard    [][]int32    // of the FLAC file that is looked into, the first samples
	holding  atomic.Int64 // samples of FLAC files that wait to be searched
	sampled  []*sampled
	byName   map[string]*sampled // those, and with them their copies
	overhead int64               // bytes of the archive that are not of recordings
}

// mostHeld is how many samples of FLAC files may wait to be searched: 64 MB. Those of others are decoded again.
const mostHeld = 1 << 24

// hear keeps samples of a FLAC file, as many as are searched.
func (v *survey) hear(samples [][]int32) {
	if v.heard == nil {
		v.heard = make([][]int32, len(samples))
	}
	for c, s := range samples {
		s = s[:min(len(s), searchedPlace-len(v.heard[c]))]
		if v.heard[c] == nil {
			v.heard[c] = s[:len(s):len(s)]
		} else {
			v.heard[c] = append(v.heard[c], s...)
		}
	}
}

// lookInto finds out what is in a file, and returns what is to be sampled of it, if that is anything.
func (v *survey) lookInto(ctx context.Context, r *reader, it item) (*sampled, error) {
	v.heard = nil
	s, err := r.begin(ctx, it, false)
	if err != nil {
		return nil, err
	}
	defer s.file.Close() // was only read from
	return v.add(ctx, s)
}

// add notes what is in a file.
func (v *survey) add(ctx context.Context, s *source) (*sampled, error) {
	name, size := s.item.name, s.info.Size()
	v.result.Files++
	v.result.Bytes += size
	if s.same != nil {
		v.result.Copies++
		if rec := v.byName[s.same.name]; rec != nil {
			v.count(name, rec)
		}
		return nil, nil
	}
	if !hasAudio(s.found) {
		if note := noteOf(name, s.found); note != "" {
			v.result.Kept = append(v.result.Kept, KeptWhole{name, size, note})
		}
		deflated, err := deflatedSize(ctx, s.file, 0, size)
		v.overhead += deflated
		return nil, err
	}
	rec, err := newSampled(ctx, s)
	if err != nil {
		return nil, err
	}
	if size := rec.frames * int64(rec.format().Channels); rec.flac && rec.frames <= searchedPlace && v.holding.Load()+size <= mostHeld {
		v.holding.Add(size)
		rec.heard = v.heard
	}
	v.sampled = append(v.sampled, rec)
	v.count(name, rec)
	return rec, nil
}

// count counts a recording, or a copy of one.
func (v *survey) count(name string, rec *sampled) {
	rec.count++
	v.byName[name] = rec
	v.result.Recordings++
	v.result.Audio += rec.duration(rec.frames)
}
