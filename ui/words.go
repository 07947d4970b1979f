package ui

import (
	"embed"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

//go:embed translations
var translations embed.FS

// The languages that there are. "" is the system's.
const (
	languageSystem  = ""
	languageEnglish = "en"
	languageGerman  = "de"
)

// loadWords chooses the language: the given one, or the system's. Fyne finds
// it in the environment, where there is one (not on Windows or macOS, which
// always use the system's).
func loadWords(language string) {
	if language != languageSystem {
		os.Setenv("LANGUAGE", language)
		os.Setenv("LC_ALL", language) // or LANGUAGE counts for nothing where this is C
	}
	if err := lang.AddTranslationsFS(translations, "translations"); err != nil {
		fyne.LogError("The translations cannot be read", err)
	}
}

// tr translates. The English text is the key. What is in {{.Braces}} is taken
// from the data.
func tr(english string, data ...any) string { return lang.L(english, data...) }

// words are the values of a translated text.
type words map[string]any
