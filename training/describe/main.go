// Command describe gives a model another description of its predictors: to try predictors that tell of the same as those that its
// network was trained for.
//
//	describe MODEL DESCRIPTION OUT
//
// DESCRIPTION is a file like those in training/presets. Try OUT with trilobyte compress --model.
package main

import (
	"flag"
	"log"
	"os"

	"trilobyte/codec"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 3 {
		flag.Usage()
		os.Exit(2)
	}
	if err := describe(flag.Arg(0), flag.Arg(1), flag.Arg(2)); err != nil {
		log.Fatal("describe: ", err)
	}
}

func describe(model, description, out string) error {
	file, err := os.ReadFile(model)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(description)
	if err != nil {
		return err
	}
	m, err := codec.Load(file)
	if err != nil {
		return err
	}
	d, err := codec.ParseDescription(text)
	if err != nil {
		return err
	}
	if file, err = m.With(d); err != nil {
		return err
	}
	return os.WriteFile(out, file, 0o666)
}
