package main

import (
	"strings"
	"testing"
)

// prepared puts a function's instructions through parseAssembly and prepare.
func prepared(t *testing.T, body string) (*function, error) {
	t.Helper()
	functions, err := parseAssembly("\t.type\tf,@function\nf:  // @f\n" + body + "\n.Lfunc_end0:\n\t.section\t.rodata\n.LCPI0_0:\n\t.xword\t7\n")
	if err != nil {
		t.Fatal(err)
	}
	return functions["f"], functions["f"].prepare()
}

func TestPrepareRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"a call":                        "\tbl\tmemcpy\n\tret",
		"a jump through a register":     "\tbr\tx3\n\tret",
		"the system's register":         "\tmov\tx18, x0\n\tret",
		"the goroutine's register":      "\tldr\tw28, [x0]\n\tret",
		"the linker's register":         "\tadd\tx27, x0, x1\n\tret",
		"the frame pointer":             "\tsub\tsp, sp, #16\n\tstr\tx29, [sp]\n\tmov\tx29, x0\n\tldr\tx29, [sp]\n\tadd\tsp, sp, #16\n\tret",
		"the return address":            "\tmov\tx30, x0\n\tret",
		"a register that is not saved":  "\tstp\td9, d8, [sp, #-16]!\n\tfmov\td8, d0\n\tadd\tsp, sp, #16\n\tret",
		"a stack that grows on the way": "\tadd\tx0, x0, #1\n\tstr\tq0, [sp, #-16]!\n\tret",
		"a constant that is nowhere":    "\tldr\tq0, .LCPI9_9\n\tret",
	} {
		if _, err := prepared(t, body); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestPrepare(t *testing.T) {
	f, err := prepared(t, strings.Join([]string{
		"\tstp\td9, d8, [sp, #-32]!", "\tsub\tsp, sp, #16", "\tcbz\tx0, .LBB0_2", ".LBB0_1:", "\tstr\tq0, [sp]", "\tadd\tx1, sp, #8",
		"\tldr\td1, .LCPI0_0", "\tb\t.LBB0_1", ".LBB0_2:", "\tadd\tsp, sp, #16", "\tldp\td9, d8, [sp], #32", "\tret",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range f.lines {
		lines = append(lines, l.text)
	}
	want := []string{
		"cbz\tx0, .LBB0_2", ".LBB0_1:", "str\tq0, [sp, #16]", "add\tx1, sp, #24", "ldr\td1, .LCPI0_0", "b\t.LBB0_1", ".LBB0_2:", "b\t.Lend_f",
	}
	if got, want := strings.Join(lines, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("it became\n%s\nwant\n%s", got, want)
	}
	if f.frame != 48 || f.goFrame() != 56 || len(f.data) != 2 {
		t.Errorf("it has a frame of %d bytes, %d for Go, and %d lines of constants", f.frame, f.goFrame(), len(f.data))
	}
}

func TestDeclaration(t *testing.T) {
	d, err := parseDeclaration("func f(a, b *byte, n int, x float32, y float64) bool")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []param{
		{"a", "R0", "MOVD", "MOVD", 0}, {"b", "R1", "MOVD", "MOVD", 8}, {"n", "R2", "MOVD", "MOVD", 16},
		{"x", "F0", "FMOVS", "FMOVS", 24}, {"y", "F1", "FMOVD", "FMOVD", 32},
	} {
		if d.params[i] != want {
			t.Errorf("parameter %d is %v, want %v", i, d.params[i], want)
		}
	}
	if *d.result != (param{"ret", "R0", "MOVBU", "MOVB", 40}) || d.size != 41 {
		t.Errorf("the result is %v, and all take %d bytes", *d.result, d.size)
	}
	if _, err := parseDeclaration("func f(a, b, c, d, e, f, g, h, i int)"); err == nil {
		t.Error("nine parameters were taken")
	}
}
