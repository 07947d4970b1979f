package main

import (
	"bytes"
	"os"
	"testing"
)

// TestTheListIsThatOfTheProgram compares the committed list with what is linked
// in.
func TestTheListIsThatOfTheProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the go command about six variants of the program")
	}
	want, err := document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../licences.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/licences.md is not what is linked in any more: run make licences, and read what has changed")
	}
}

func TestIdentify(t *testing.T) {
	for text, want := range map[string]string{
		"Permission is hereby granted,\n free of charge, to any person":      "MIT",
		"Redistributions in binary form must reproduce":                      "BSD-2-Clause",
		"Redistributions in binary form must reproduce. Neither the name of": "BSD-3-Clause",
		"GNU GENERAL PUBLIC LICENSE":                                         "",
		"All rights reserved.":                                               "",
	} {
		if got, err := identify(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is taken for %q, error %v", text, got, err)
		}
	}
}
