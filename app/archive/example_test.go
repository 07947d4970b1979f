package archive_test

import (
	"fmt"
	"log"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// What an archive holds is described without decoding it.
func ExampleOpen() {
	a, err := archive.Open(disk.OS{}, "../../testdata/golden/fast.trilobyte")
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()
	for _, e := range a.Entries() {
		if e.Err != nil { // it is damaged, and must not be used
			log.Print(e.Err)
			continue
		}
		if e.Kind == archive.KindRecording && e.Duration() > 200*time.Millisecond {
			fmt.Println(e.Name, e.Size, e.Duration())
		}
	}
	fmt.Println("damaged:", len(a.Damage()))
	// Output:
	// golden/eight.wav 4044 250ms
	// golden/uneven.wav 12044 272.108843ms
	// damaged: 0
}
