package queue

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// Add adds jobs: one for each folder, one for each single recording, and one for
// files that lie in the same folder. Their archives lie where the options say.
// It returns the jobs of the paths. What has a job already that is not done gets
// no other: that one is told of and, if it has failed or was cancelled, tried again.
func (q *Queue) Add(paths []string) []ID {
	q.mu.Lock()
	preset := q.options.Preset
	q.mu.Unlock()
	return q.AddWith(preset, paths)
}

// AddWith is Add, with one of Config.Presets, or "", instead of that of the options.
func (q *Queue) AddWith(preset string, paths []string) []ID {
	jobs := q.groups(paths)
	q.mu.Lock()
	taken := q.targets()
	var ids []ID
	var records []record
	for _, group := range jobs {
		if e := q.jobOf(group.paths); e != nil {
			q.retry(e)
			ids = append(ids, e.ID)
			q.notices.note(Notice{Kind: JobKnown, Job: e.Job})
			continue
		}
		e := q.addJob(Job{Paths: group.paths, Archive: freeTarget(q.options.Folder, group, taken), Preset: preset})
		taken[e.Archive] = true
		ids = append(ids, e.ID)
		records = append(records, addRecord(e))
	}
	q.journal.write(records...)
	q.touchList()
	q.wake()
	q.mu.Unlock()
	q.notices.deliver()
	return ids
}

// addJob puts a new job at the end of the list.
func (q *Queue) addJob(j Job) *entry {
	q.last++
	j.ID, j.State, j.Current = q.last, Reading, -1
	e := &entry{Job: j}
	q.jobs = append(q.jobs, e)
	q.byID[e.ID] = e
	q.notices.note(Notice{Kind: JobAdded, Job: e.Job})
	return e
}

// jobOf returns the job that archives the same paths and is not done, or nil.
func (q *Queue) jobOf(paths []string) *entry {
	for _, e := range q.jobs {
		if e.State != Done && !e.remove && e.Way != Check && samePaths(e.Paths, paths) {
			return e
		}
	}
	return nil
}

func samePaths(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// group is what one job archives.
type group struct {
	paths []string
	dir   string // beside what it is archived
	name  string // of the archive
}

// groups divides paths into jobs.
func (q *Queue) groups(paths []string) []group {
	var result []group
	loose := map[string]int{} // index of the group of a folder's single files
	for _, p := range paths {
		p = filepath.Clean(p)
		dir, base := filepath.Dir(p), filepath.Base(p)
		info, err := q.disk.Stat(p)
		if err != nil || info.IsDir() {
			result = append(result, group{[]string{p}, dir, base + archive.Extension})
			continue
		}
		i, ok := loose[dir]
		if !ok {
			loose[dir] = len(result)
			result = append(result, group{[]string{p}, dir, job.ArchiveName(p)})
			continue
		}
		result[i].paths = append(result[i].paths, p)
		result[i].name = filepath.Base(dir) + archive.Extension
		if dir == filepath.Dir(dir) { // a whole disk
			result[i].name = "Archive" + archive.Extension
		}
	}
	return result
}

// targets are the archives that jobs will make. What is removed, or verifies one, makes
// none.
func (q *Queue) targets() map[string]bool {
	taken := make(map[string]bool, len(q.jobs))
	for _, e := range q.jobs {
		if e.State != Done && !e.remove && e.Way != Check {
			taken[e.Archive] = true
		}
	}
	return taken
}

// freeTarget returns the archive of a job: one that no other job makes.
func freeTarget(folder string, g group, taken map[string]bool) string {
	if folder == "" {
		folder = g.dir
	}
	target := filepath.Join(folder, g.name)
	for n := 2; taken[target]; n++ {
		name := strings.TrimSuffix(g.name, archive.Extension)
		target = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", name, n, archive.Extension))
	}
	return target
}
