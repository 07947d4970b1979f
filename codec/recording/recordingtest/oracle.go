package recordingtest

import (
	"bytes"

	"github.com/go-audio/wav"
)

// Oracle returns the samples[channel][frame] and the sample rate in Hz that
// github.com/go-audio/wav, which shares no code with this program, finds in a
// file. It leaves 8-bit samples unsigned; they become signed here. It takes the
// byte that pads data of an odd length for a sample, which makes a frame too many
// of one channel. Samples behind the last whole frame are left out.
func Oracle(file []byte) (samples [][]int32, rate uint32, err error) {
	d := wav.NewDecoder(bytes.NewReader(file))
	buffer, err := d.FullPCMBuffer()
	if err != nil {
		return nil, 0, err
	}
	zero := 0
	if d.BitDepth == 8 {
		zero = 128
	}
	channels := int(d.NumChans)
	return generate(channels, len(buffer.Data)/channels, func(c, i int) int32 {
		return int32(buffer.Data[i*channels+c] - zero)
	}), d.SampleRate, nil
}
