package codec_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"trilobyte/codec"
)

// A second of a triangle wave in two channels is compressed and comes back.
func Example() {
	samples := [][]int32{make([]int32, 44100), make([]int32, 44100)}
	for i := range samples[0] {
		wave := int32(i%200 - 100)
		samples[0][i], samples[1][i] = 100*max(wave, -wave), 80*max(wave, -wave)
	}
	file, err := codec.Preset(codec.DefaultPreset)
	if err != nil {
		log.Fatal(err)
	}
	model, err := codec.Load(file)
	if err != nil {
		log.Fatal(err)
	}
	coder := codec.NewCoder(model)
	data, err := coder.Encode(context.Background(), samples, 16, nil)
	if err != nil {
		log.Fatal(err)
	}
	back, err := coder.Decode(context.Background(), data, 2, 44100, 16, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(data) < 176400/100, slices.EqualFunc(back, samples, slices.Equal))
	// Output: true true
}
