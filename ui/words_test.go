package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every text of the window is translated, with the same places for values, and
// there are no translations of what is no longer said.
func TestTranslationsAreComplete(t *testing.T) {
	used := map[string]bool{"decimal separator": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "tr" && f.Name != "remarkOf" {
				return true
			}
			literal, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: a text to be translated is not a constant", name)
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			used[text] = true
			return true
		})
	}
	content, err := os.ReadFile("translations/de.json")
	if err != nil {
		t.Fatal(err)
	}
	german := map[string]string{}
	if err := json.Unmarshal(content, &german); err != nil {
		t.Fatal(err)
	}
	places := func(text string) []string {
		found := regexp.MustCompile(`{{\.\w+}}`).FindAllString(text, -1)
		slices.Sort(found)
		return found
	}
	for text := range used {
		translated, ok := german[text]
		switch {
		case !ok || translated == "":
			t.Errorf("not translated: %q", text)
		case !slices.Equal(places(text), places(translated)):
			t.Errorf("other values: %q and %q", text, translated)
		}
	}
	for text, translated := range german {
		for _, word := range []string{"--", "preset", "flag", "stdin", "exec:", "argument"} { // of the command line
			if strings.Contains(text, word) || strings.Contains(translated, word) {
				t.Errorf("%q is no word of a window: %q, %q", word, text, translated)
			}
		}
		if !used[text] {
			t.Errorf("translated, but not said: %q", text)
		}
	}
}
