// Package idle lets the window sleep while nothing happens in it.
//
// Fyne asks the system for events 60 times a second, whether there are any or
// not, and that alone takes about two hundredths of a core. Package idle waits
// for events instead, on the main goroutine and only while nothing moves: an
// event or Do ends the waiting at once. It is empty in builds without a window.
package idle
