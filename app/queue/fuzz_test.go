package queue

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzReplay replays journals that nobody has written. The queue that comes of
// it must agree with itself, and survive being written and read once more.
func FuzzReplay(f *testing.F) {
	for _, seed := range []string{
		`{"op":"add","id":1,"paths":["/a"],"archive":"/a.trilobyte"}`,
		`{"op":"add","id":1,"paths":["/a"],"archive":"/b"}` + "\n" + `{"op":"end","id":1,"state":"done","size":5,"files":[{"name":"a/b.wav","size":5,"state":"done","sizes":{"original":5,"flac":4,"trilobyte":3}}]}`,
		`{"op":"add","id":2,"paths":["/a"],"archive":"/b"}` + "\n" + `{"op":"add","id":1,"paths":["/c"],"archive":"/d"}` + "\n" + `{"op":"order","order":[1,1,7]}` + "\n" + `{"op":"remove","id":2}`,
		`{"op":"end","id":-1}` + "\n{}\n[]\nnull\n{\"op\":",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, journal []byte) {
		first := replayed(journal)
		var records []record
		for _, e := range first.jobs {
			if first.byID[e.ID] != e {
				t.Fatalf("job %d is not found by its number", e.ID)
			}
			if e.ID > first.last {
				t.Fatalf("job %d comes after the last number, %d", e.ID, first.last)
			}
			records = append(records, addRecord(e))
			if e.State.Finished() {
				records = append(records, endRecord(e))
			}
		}
		if len(first.jobs) != len(first.byID) {
			t.Fatalf("%d jobs, but %d numbers", len(first.jobs), len(first.byID))
		}
		again, err := lines(records)
		if err != nil {
			t.Fatal(err)
		}
		second := replayed(again)
		if len(second.jobs) != len(first.jobs) {
			t.Fatalf("%d jobs became %d", len(first.jobs), len(second.jobs))
		}
		for i, e := range second.jobs {
			if o := first.jobs[i]; e.ID != o.ID || e.Archive != o.Archive || e.State != o.State || e.Sizes != o.Sizes {
				t.Fatalf("%+v became %+v", o.Job, e.Job)
			}
		}
	})
}

// replayed is a queue that does nothing, after a journal.
func replayed(journal []byte) *Queue {
	q := &Queue{byID: map[ID]*entry{}}
	for line := range bytes.Lines(journal) {
		var r record
		if json.Unmarshal(line, &r) == nil {
			q.replay(r)
		}
	}
	return q
}
