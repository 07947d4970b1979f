package recordingtest

import (
	"bytes"
	"fmt"
	"os"

	"trilobyte/codec/recording"
)

// Read returns the first audio in a file on the disk.
func Read(path string) (recording.Format, [][]int32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return recording.Format{}, nil, err
	}
	return Audio(b)
}

// Audio returns the first audio in a file.
func Audio(b []byte) (recording.Format, [][]int32, error) {
	f, err := recording.Find(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return recording.Format{}, nil, err
	}
	for _, s := range f.Spans {
		if s.Audio() {
			return s.Format, s.Format.Samples(b[s.Offset:s.End()]), nil
		}
	}
	return recording.Format{}, nil, fmt.Errorf("there is no audio in it: %v", f.Reasons)
}
