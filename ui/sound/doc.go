// Package sound plays sound on the computer's loudspeakers, through oto. It is
// empty in builds without cgo or with the tag headless.
package sound
