// Package windowtest drives the real window on a virtual screen, as a user
// does: it drops files onto it (it speaks XDND 5 by itself), presses its
// buttons and keys, and looks at what is to be seen. `make test-window` runs
// it. It needs Xvfb and a window manager, and the program in build/.
//
// Buttons are found by their colour: the one that a view is for is the only
// large area in the theme's accent colour.
package windowtest
