// Command describe shows what a model file is, or gives it another description of its predictors: to try predictors that tell of
// the same as those that its network was trained for.
//
//	describe MODEL
//	describe MODEL DESCRIPTION OUT
//
// The first form also shows that the program takes the file. DESCRIPTION is a file like those in training/presets. Try OUT with
// trilobyte compress --model.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"

	"trilobyte/codec"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	var err error
	switch flag.NArg() {
	case 1:
		err = show(flag.Arg(0))
	case 3:
		err = describe(flag.Arg(0), flag.Arg(1), flag.Arg(2))
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		log.Fatal("describe: ", err)
	}
}

// show prints what is known about a model.
func show(path string) error {
	m, err := load(path)
	if err != nil {
		return err
	}
	fmt.Printf("model %x: %d bytes, %d multiply-adds a sample in its network\n", m.ID(), len(m.File()), m.Network().MultiplyAdds())
	fmt.Printf("%s\n", m.Description().Text())
	return nil
}

// describe writes a model with another description.
func describe(model, description, out string) error {
	m, err := load(model)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(description)
	if err != nil {
		return err
	}
	d, err := codec.ParseDescription(text)
	if err != nil {
		return fmt.Errorf("%s: %w", description, err)
	}
	file, err := m.With(d)
	if err != nil {
		return err
	}
	return os.WriteFile(out, file, 0o666)
}

func load(path string) (*codec.Model, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := codec.Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
