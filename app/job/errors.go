package job

import "errors"

// Errors that callers may tell apart. They say what has happened; what can be
// done about it is for the command line and the window to say, each in its own
// terms.
var (
	// ErrNamesakes says that two paths cannot be in one archive. Which they are stands
	// before it.
	ErrNamesakes = errors.New("have the same name, and an archive has room for one of that name")
	// ErrNothingToDo says that no file was left to make an archive of.
	ErrNothingToDo = errors.New("nothing to archive")
	// ErrChanged says that a source is not what it was when it was opened.
	ErrChanged = errors.New("it changed while it was read")
	// ErrNotVerified says that a new archive does not hold what was put into
	// it, and was not kept.
	ErrNotVerified = errors.New("the archive does not decode to what was put into it, so it was not kept; your files are untouched")
	// ErrDamagedBefore says that an update would have to lose something, because it is
	// damaged in the archive. What it is about stands before it.
	ErrDamagedBefore = errors.New("is damaged in the archive, and cannot be read from the disk any more, so the archive stays as it is")
	// ErrSuspended, as the cause with which the context of Compress is
	// cancelled, keeps what is done: the next Compress to the same path goes on
	// from there, as after a crash. Abandon removes it.
	ErrSuspended = errors.New("the work is to go on later")

	// ErrNotInArchive says that a name was asked for that is not in the archive.
	ErrNotInArchive = errors.New("the archive has nothing of that name")
	// ErrThere says that a file need not be restored.
	ErrThere = errors.New("it is there already, the same")
	// ErrExists says that another file has the place of one to be written, and
	// was not to be replaced.
	ErrExists = errors.New("it exists already and was left as it is")
	// ErrNoModel says that an archive cannot be decoded here.
	ErrNoModel = errors.New("neither this version of Trilobyte nor the archive has the model that it was compressed with")
)
