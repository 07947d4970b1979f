// Package ui is the window. It shows what the packages in app know and passes
// on what the user wants; it decides nothing.
//
// Window is the whole of it. Its parts are views, each in a file of its own:
// the queue with the comparison below it, an archive, the settings, the
// activity log. They are made of a few widgets: lineList and line (fast rows
// for tens of thousands of files), comparison and ratioPlot, banner.
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
