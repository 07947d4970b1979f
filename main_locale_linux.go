//go:build cgo && !headless

package main

/*
#include <string.h>

extern char **environ;

// The dots that are hidden.
static char *dots[4];

// The package lang of Fyne says on standard error that it does not know the language C.UTF-8, before main begins and whatever
// the program is asked for. That is the locale of servers and containers. So the program has C for its own there, which Fyne
// knows: what stands behind the C is hidden before Go reads the environment.
__attribute__((constructor)) static void hide_encoding(void) {
	static const char *const names[] = {"LC_ALL=C.", "LC_MESSAGES=C.", "LANG=C.", "LANGUAGE=C."};
	for (char **e = environ; *e; e++)
		for (int i = 0; i < 4; i++)
			if (!strncmp(*e, names[i], strlen(names[i]))) {
				dots[i] = *e + strlen(names[i]) - 1;
				*dots[i] = 0;
			}
}

// C libraries, which read what is typed, see it again.
static void show_encoding(void) {
	for (int i = 0; i < 4; i++)
		if (dots[i])
			*dots[i] = '.';
}
*/
import "C"

func init() { C.show_encoding() }
