//go:build race

package main

// raceDetector says whether the tests run with the race detector, which makes
// the codec ten times slower.
const raceDetector = true
