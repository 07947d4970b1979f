package main

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// function is one that clang has compiled.
type function struct {
	name  string
	lines []line
	data  []string // its constants, for the assembler
	frame int      // bytes of the stack that it uses
	words []uint32 // its instructions, and behind them its constants

	constants map[string][]string // all that there are in the file, by their labels
}

// line is an instruction or a label.
type line struct {
	text  string
	label bool
}

var (
	labelLine = regexp.MustCompile(`^([.\w]+):`)
	typeLine  = regexp.MustCompile(`^\.type\s+(\w+),@(function|object)`)
	dataLine  = regexp.MustCompile(`^\.(xword|word|hword|byte|zero|ascii|asciz)\b`)
)

// parseAssembly finds the functions in what clang writes, and the constants.
func parseAssembly(text string) (map[string]*function, error) {
	functions, constants := map[string]*function{}, map[string][]string{}
	var current *function // that the lines belong to
	object := ""          // or the constant
	isFunction := map[string]bool{}
	for _, l := range strings.Split(text, "\n") {
		l, _, _ = strings.Cut(l, "//")
		l = strings.TrimSpace(l)
		if m := typeLine.FindStringSubmatch(l); m != nil {
			isFunction[m[1]] = m[2] == "function"
		}
		m := labelLine.FindStringSubmatch(l)
		switch {
		case l == "":
		case m != nil && isFunction[m[1]]:
			current = &function{name: m[1], constants: constants}
			functions[m[1]] = current
		case m != nil && strings.HasPrefix(m[1], ".Lfunc_end"):
			current = nil
		case m != nil && current != nil:
			current.lines = append(current.lines, line{l, true})
		case m != nil:
			object = m[1]
			constants[object] = nil
		case current != nil && !strings.HasPrefix(l, "."):
			current.lines = append(current.lines, line{l, false})
		case current == nil && object != "" && dataLine.MatchString(l):
			constants[object] = append(constants[object], l)
		case !strings.HasPrefix(l, "."):
			return nil, fmt.Errorf("nobody knows what this line is for: %s", l)
		}
	}
	return functions, nil
}

// notOurs are the registers that a C function has to give back as they were.
const notOurs = `(?:d(?:8|9|1[0-5])|x(?:19|2[0-5]))`

var (
	saved = regexp.MustCompile(`^(stp|str|ldp|ldr)\t` + notOurs + `(?:, ` + notOurs + `)?, \[sp(?:, #-?\d+)?\](!?)(?:, #\d+)?$`)
	moves = regexp.MustCompile(`^(sub|add)\tsp, sp, #(\d+)$`)
	grows = regexp.MustCompile(`\[sp, #-(\d+)\]!$`)
	falls = regexp.MustCompile(`\[sp\], #(\d+)$`)

	onStack = regexp.MustCompile(`\[sp(?:, #(\d+))?\]`)
	inStack = regexp.MustCompile(`^(add\tx\d+), sp, #(\d+)$`)
	atStack = regexp.MustCompile(`^mov\t(x\d+), sp$`)

	// Of the system (18), of Go's closures and its linker (26, 27), of the goroutine, of the frame and of the return address.
	forbiddenRegister = regexp.MustCompile(`\b[wx](18|26|27|28|29|30)\b`)
	forbidden         = regexp.MustCompile(`^(bl|blr|br|svc|hvc|smc|brk|hlt|udf|msr|mrs|sys|sysl|dc|ic|tlbi|at|eret)\t`)
	addresses         = regexp.MustCompile(`(?:, |\t)(\.L\w+|[A-Za-z_]\w*\.?\w*)$`)
)

// prepare makes a function fit for Go. Go's own functions save the registers that they need, and Go makes the frame: so the function
// need not, and what it keeps on the stack lies in the frame. A function that calls, or uses a register that is not its own, is an error.
func (f *function) prepare() error {
	if err := f.dropSaves(); err != nil {
		return err
	}
	used := false
	var kept []line
	labels := map[string]bool{}
	for _, l := range f.lines {
		if l.label {
			labels[strings.TrimSuffix(l.text, ":")] = true
		}
	}
	for _, l := range f.lines {
		if l.label {
			kept = append(kept, l)
			continue
		}
		if moves.MatchString(l.text) {
			continue
		}
		if forbidden.MatchString(l.text) {
			return fmt.Errorf("it is no leaf: %s", l.text)
		}
		if forbiddenRegister.MatchString(l.text) {
			return fmt.Errorf("it uses a register that is not its own: %s", l.text)
		}
		l.text = onStack.ReplaceAllStringFunc(l.text, func(s string) string {
			return fmt.Sprintf("[sp_, #%d]", frameOffset+number(onStack.FindStringSubmatch(s)[1]))
		})
		if m := inStack.FindStringSubmatch(l.text); m != nil {
			l.text = fmt.Sprintf("%s, sp_, #%d", m[1], frameOffset+number(m[2]))
		} else if m := atStack.FindStringSubmatch(l.text); m != nil {
			l.text = fmt.Sprintf("add\t%s, sp_, #%d", m[1], frameOffset)
		}
		if strings.Contains(strings.ReplaceAll(l.text, "sp_", ""), "sp") && regexp.MustCompile(`\bw?sp\b`).MatchString(l.text) {
			return fmt.Errorf("it does with the stack what is not known here: %s", l.text)
		}
		if strings.Contains(l.text, "sp_") {
			used = true
			l.text = strings.ReplaceAll(l.text, "sp_", "sp")
		}
		if m := addresses.FindStringSubmatch(l.text); m != nil && !labels[m[1]] {
			if err := f.needs(m[1]); err != nil && strings.HasPrefix(m[1], ".L") {
				return err
			}
		}
		kept = append(kept, l)
	}
	if !used {
		f.frame = 0
	}
	// The result is stored behind the constants.
	for i, l := range kept {
		if l.text == "ret" {
			kept[i].text = "b\t.Lend_" + f.name
		}
	}
	if last := len(kept) - 1; len(f.data) == 0 && kept[last].text == "b\t.Lend_"+f.name {
		kept = kept[:last]
	}
	f.lines = kept
	return nil
}

// frameOffset is where in Go's frame a function's own begins: behind the return address, and at a multiple of 16 bytes.
const frameOffset = 16

// goFrame is the size of the frame as Go declares it: without the return address.
func (f *function) goFrame() int {
	if f.frame == 0 {
		return 0
	}
	return f.frame + frameOffset - 8
}

func number(digits string) int {
	n := 0
	fmt.Sscan(digits, &n)
	return n
}

// dropSaves leaves out what saves registers at the beginning and restores them before each return, and makes all places on the
// stack relative to where it ends.
func (f *function) dropSaves() error {
	begin := 0
	depth, grown, saves := 0, 0, 0
	for ; begin < len(f.lines); begin++ {
		text := f.lines[begin].text
		if m := saved.FindStringSubmatch(text); m != nil && strings.HasPrefix(m[1], "st") {
			if m := grows.FindStringSubmatch(text); m != nil {
				depth += number(m[1])
				grown++
			}
			saves++
		} else if m := moves.FindStringSubmatch(text); m != nil && m[1] == "sub" {
			depth += number(m[2])
			grown++
		} else {
			break
		}
	}
	f.frame = depth
	kept := slices.Clone(f.lines[begin:])
	for at := 0; at < len(kept); at++ {
		if kept[at].text != "ret" {
			continue
		}
		first, restores, fallen := at, 0, 0
		for ; first > 0; first-- {
			text := kept[first-1].text
			if m := saved.FindStringSubmatch(text); m != nil && strings.HasPrefix(m[1], "ld") {
				restores++
			} else if falls.MatchString(text) {
				return fmt.Errorf("it leaves its frame in a way that is not known here: %s", text)
			} else if m := moves.FindStringSubmatch(text); m == nil || m[1] != "add" {
				break
			}
			if m := falls.FindStringSubmatch(text); m != nil {
				fallen += number(m[1])
			} else if m := moves.FindStringSubmatch(text); m != nil {
				fallen += number(m[2])
			}
		}
		if restores != saves || fallen != depth {
			return fmt.Errorf("it saves %d times, restores %d times, takes %d bytes of the stack, and gives back %d", saves, restores, depth, fallen)
		}
		kept = slices.Delete(kept, first, at)
		at = first
	}
	f.lines = kept
	return nil
}

// needs puts a constant behind the function.
func (f *function) needs(label string) error {
	data, ok := f.constants[label]
	if !ok {
		return fmt.Errorf("there is no constant %s", label)
	}
	if !slices.Contains(f.data, label+":") {
		f.data = append(append(f.data, label+":"), data...)
	}
	return nil
}

// assemble makes words of the functions.
func assemble(clang string, with []string, functions []*function) error {
	dir, err := os.MkdirTemp("", "neon")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, f := range functions {
		if err := f.assemble(clang, with, filepath.Join(dir, f.name)); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (f *function) assemble(clang string, with []string, path string) error {
	text, instructions := "", 0
	for _, l := range f.lines {
		text += l.text + "\n"
		if !l.label {
			instructions++
		}
	}
	text += strings.Join(f.data, "\n") + "\n.p2align 2\n.Lend_" + f.name + ":\n"
	if err := os.WriteFile(path+".s", []byte(text), 0o666); err != nil {
		return err
	}
	args := append([]string{"--target=aarch64-linux-gnu", "-Wno-unused-command-line-argument"}, with...)
	if _, err := run(clang, append(args, "-c", "-o", path+".o", path+".s")...); err != nil {
		return err
	}
	object, err := elf.Open(path + ".o")
	if err != nil {
		return err
	}
	defer object.Close()
	for _, s := range object.Sections {
		if s.Type == elf.SHT_RELA {
			return errors.New("it refers to something outside")
		}
	}
	code, err := object.Section(".text").Data()
	if err != nil {
		return err
	}
	for ; len(code) >= 4; code = code[4:] {
		f.words = append(f.words, binary.LittleEndian.Uint32(code))
	}
	if len(code) != 0 || len(f.words) < instructions {
		return fmt.Errorf("%d instructions became %d words", instructions, len(f.words))
	}
	return nil
}
