// Package ui is the window. It shows what the packages in app know and passes
// on what the user wants; it decides nothing.
//
// Window is the whole of it. Its parts are views, each in a file of its own:
// the queue with the comparison below it, an archive with its player, the
// history, the activity log, the settings, and the preview of what was dropped.
// They are made of a few widgets: lineList and line (fast rows for tens of
// thousands of files, with a header that sorts and resizes), comparison and
// ratioPlot, wave, banner, tips.
//
// Texts are written in English and translated by tr. Those that the engine
// writes, of errors and of recordings, are translated by their patterns: see
// remark.
//
// # Threads
//
// Widgets are touched on the main goroutine only. One goroutine waits until
// something has changed, asks for one refresh of what is on the screen, waits
// for that to be done, and then for a fifth of a second. So nothing runs while
// nothing happens, and work can never flood the window.
//
// The package does not import fyne's app package, so that it is tested without
// a screen, a C compiler or OpenGL: main does.
package ui
