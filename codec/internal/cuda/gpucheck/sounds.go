package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	rate        = 44100
	fileSeconds = 300 // at most, of each file that is made
)

// makeSounds makes files of 44.1 kHz stereo, 16 bits, in a folder, of so many hours together: two sounds at a time of those in another
// folder, every few seconds from other places on and with other gains, and noise, so that little repeats itself. It returns how many
// seconds they have.
func makeSounds(to, from string, hours float64) (seconds float64, err error) {
	sound, err := loadSounds(from)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return 0, err
	}
	left := int(hours * 3600 * rate)
	for k := 0; left > 0; k++ {
		frames := min(left, fileSeconds*rate)
		left -= frames
		if err := os.WriteFile(filepath.Join(to, fmt.Sprintf("%03d.wav", k)), makeSound(sound, frames, k), 0o666); err != nil {
			return 0, err
		}
	}
	return hours * 3600, nil
}

// makeSound makes file k.
func makeSound(sound []int16, frames, k int) []byte {
	file := header(frames)
	seed := uint32(k + 1)
	noise := func() int32 {
		seed = seed*1664525 + 1013904223
		return int32(seed>>30) - 1
	}
	var a, b int
	var gainA, gainB int32 // of 256
	for i := range frames {
		if i%(7*rate) == 0 {
			seed = seed*1664525 + 1013904223
			a, b = int(seed>>8)%len(sound), int(seed>>3)*17%len(sound)
			gainA, gainB = 170+int32(seed>>16)%80, 40+int32(seed>>20)%60
		}
		x, y := int32(sound[a]), int32(sound[b])
		for _, v := range [...]int32{x*gainA + y*gainB, x*gainA/2 - y*gainB} {
			v = max(-32768, min(32767, v>>8+noise()))
			file = binary.LittleEndian.AppendUint16(file, uint16(v))
		}
		a, b = (a+1)%len(sound), (b+1)%len(sound)
	}
	return file
}

// header is that of a WAV file.
func header(frames int) []byte {
	size := uint32(4 * frames)
	h := append([]byte("RIFF"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(h[4:], 36+size)
	h = append(h, "WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00"...)
	h = binary.LittleEndian.AppendUint32(h, rate)
	h = binary.LittleEndian.AppendUint32(h, 4*rate)
	h = append(h, "\x04\x00\x10\x00data"...)
	return binary.LittleEndian.AppendUint32(h, size)
}

// loadSounds returns the first channel of all WAV files of 16 bits in a folder, one after the other.
func loadSounds(folder string) (all []int16, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".wav") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) < 44 || binary.LittleEndian.Uint16(b[34:]) != 16 {
			return err
		}
		for i := 44; i+1 < len(b); i += 2 * int(binary.LittleEndian.Uint16(b[22:])) {
			all = append(all, int16(binary.LittleEndian.Uint16(b[i:])))
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		err = errors.New("there are no WAV files of 16 bits in " + folder)
	}
	return all, err
}
