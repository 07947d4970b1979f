package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	rate        = 44100
	fileSeconds = 300 // at most, of each file that is made
)

// makeSounds makes files of 44.1 kHz stereo, 16 bits, in a folder, of so many hours together: two sounds at a time of those in another
// folder, every few seconds from other places on, at other speeds and with other gains, and noise, so that nothing repeats itself.
func makeSounds(to, from string, hours float64) error {
	sound, err := loadSounds(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	left := int(hours * 3600 * rate)
	files := (left + fileSeconds*rate - 1) / (fileSeconds * rate)
	failures := make([]error, files)
	var all sync.WaitGroup
	for k := range files {
		frames := min(left, fileSeconds*rate)
		left -= frames
		all.Go(func() {
			failures[k] = os.WriteFile(filepath.Join(to, fmt.Sprintf("%03d.wav", k)), makeSound(sound, frames, k), 0o666)
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

// makeSound makes file k.
func makeSound(sound []int16, frames, k int) []byte {
	file := slices.Grow(header(frames), 4*frames)
	seed := uint32(k + 1)
	noise := func() int32 {
		seed = seed*1664525 + 1013904223
		return int32(seed>>30) - 1
	}
	var a, b voice
	for i := range frames {
		if i%(7*rate) == 0 {
			a, b = newVoice(sound, &seed, 170, 250), newVoice(sound, &seed, 40, 100)
		}
		x, y := a.next(), b.next()
		for _, v := range [...]int32{x + y, x/2 - y} {
			v = max(-32768, min(32767, v>>8+noise()))
			file = binary.LittleEndian.AppendUint16(file, uint16(v))
		}
	}
	return file
}

// voice plays a sound from some place on, at some speed.
type voice struct {
	sound    []int16
	at, step int // 1/65536 of a sample
	gain     int // of 256
}

// newVoice chooses place, speed and gain by a random number.
func newVoice(sound []int16, seed *uint32, softest, loudest int) voice {
	random := func(n int) int {
		*seed = *seed*1664525 + 1013904223
		return int(*seed>>8) % n
	}
	return voice{sound, random(len(sound)) << 16, 1<<16 - 12_000 + random(24_000), softest + random(loudest-softest)}
}

// next returns the next sample, times 256.
func (v *voice) next() int32 {
	i, part := v.at>>16, v.at&(1<<16-1)
	x, y := int(v.sound[i]), int(v.sound[(i+1)%len(v.sound)])
	v.at = (v.at + v.step) % (len(v.sound) << 16)
	return int32((x<<16 + (y-x)*part) * v.gain >> 16)
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
