// Package describe writes what the command line knows about itself in other
// forms: scripts with which shells complete it, and a manual page. Nothing is
// said twice, so nothing can be forgotten.
package describe

import (
	"embed"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

//go:embed templates
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"commands": commands,
	"flags":    flags,
	"words":    words,
	"enum":     enum,
	"single":   single,
	"zshtext":  zshText,
	"roff":     roff,
	"lines":    func(text string) []string { return strings.Split(text, "\n") },
	"code":     func(line string) bool { return strings.HasPrefix(line, "  ") },
	"trim":     strings.TrimSpace,
	"upper":    strings.ToUpper,
	"join":     strings.Join,
}).ParseFS(files, "templates/*"))

// Completion writes the script with which a shell completes commands, options
// and their values; what is left is completed with files. The shell is bash,
// zsh, fish or powershell.
func Completion(w io.Writer, app *kong.Application, shell string) error {
	return templates.ExecuteTemplate(w, shell, app)
}

// Manual writes the manual page, in the macros of man (man-pages(7)). It is of
// a version, like 1.0.0.
func Manual(w io.Writer, app *kong.Application, version string) error {
	return templates.ExecuteTemplate(w, "manual", struct {
		*kong.Application
		Version string
	}{app, version})
}

// commands are the commands that are shown.
func commands(app *kong.Application) []*kong.Node {
	var shown []*kong.Node
	for _, c := range app.Children {
		if !c.Hidden {
			shown = append(shown, c)
		}
	}
	return shown
}

// flags are the options of a command that are shown, with those of all
// commands.
func flags(n *kong.Node) []*kong.Flag {
	var shown []*kong.Flag
	for _, group := range n.AllFlags(true) {
		shown = append(shown, group...)
	}
	return shown
}

// words are how options can be given: --output, -o.
func words(n *kong.Node) string {
	var all []string
	for _, f := range flags(n) {
		all = append(all, "--"+f.Name)
		if f.Short != 0 {
			all = append(all, "-"+string(f.Short))
		}
	}
	return strings.Join(all, " ")
}

// enum are the values that an option or argument may have, or none.
func enum(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	none := func(value string) bool { return value == "" } // the option may be left out
	return slices.DeleteFunc(v.EnumSlice(), none)
}

// single quotes a text for a shell that has no escapes in single quotes but
// that of the quote: a closed, escaped and reopened one for zsh and
// fish, a doubled one for PowerShell.
func single(text, quote string) string {
	return "'" + strings.ReplaceAll(text, "'", quote) + "'"
}

// zshText escapes what ends a text in the specifications of _arguments.
func zshText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace(text)
}

// roff escapes text for man: a hyphen is a minus, as it is typed, and no line
// begins with a macro.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
