// Package queue is the list of jobs that a window works through: each makes one
// archive of a folder or of some files.
//
// A Queue owns its goroutines, and Close ends them: one finds out what is in the
// jobs' folders, one starts jobs, each job in work has one (the engine's workers
// are below it), and one writes the journal. All state lies behind one lock,
// which is held for moments only; in a pause the workers wait at a gate and hold
// none. Whoever shows the queue asks for what is on the screen: Version says
// whether the list itself has changed, Job and FileAt return copies of single
// lines, and Changed wakes up whoever waits for something to show. So ten
// thousand files cost a window no more than ten.
//
// The journal brings the queue back after a crash: finished jobs are not done
// again.
package queue
