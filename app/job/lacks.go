package job

// Lack is something of files that is not kept, or not without being asked for.
type Lack string

// The lacks.
const (
	LackLinks      Lack = "links"      // those that lead out of the folder are not made
	LackBits       Lack = "bits"       // setuid, setgid and sticky bits are not set
	LackModes      Lack = "modes"      // permissions, or these bits, cannot be set
	LackTimes      Lack = "times"      // times, those of links too, cannot be set
	LackAttributes Lack = "attributes" // extended attributes cannot be read or set
	LackHoles      Lack = "holes"      // sparse files take all of their room
	LackHidden     Lack = "hidden"     // hidden files are shown
	LackHardLinks  Lack = "hardlinks"  // hard links become copies
	LackSymlinks   Lack = "symlinks"   // symbolic links cannot be made
	LackThere      Lack = "there"      // what is there already has the same content, but is otherwise not the same
)

// Lacking is what files lack.
type Lacking struct {
	What  Lack
	Files int    // that lack it
	First string // the first of them, by its name in the archive
	Err   error  // why it does, or nil if it is for want of being asked for
}

// lacks notes that a file lacks something.
func (r *report) lacks(what Lack, name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.summary.Lacks {
		if l := &r.summary.Lacks[i]; l.What == what {
			l.Files++
			return
		}
	}
	r.summary.Lacks = append(r.summary.Lacks, Lacking{what, 1, name, err})
}
