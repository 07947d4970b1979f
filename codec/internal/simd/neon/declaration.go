package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

// declaration is a kernel as Go calls it.
type declaration struct {
	name, text string
	params     []param
	result     *param // nil if there is none
	size       int    // of parameters and result on the stack, in bytes
}

// param is a parameter or a result.
type param struct {
	name, register string
	load, store    string // the instruction that moves it from the stack, or to it
	offset         int
}

// kinds are the types of parameters and results: their size in bytes and how they are moved.
var kinds = map[string]struct {
	size        int
	float       bool
	load, store string
}{
	"int":     {8, false, "MOVD", "MOVD"},
	"int64":   {8, false, "MOVD", "MOVD"},
	"bool":    {1, false, "MOVBU", "MOVB"},
	"float32": {4, true, "FMOVS", "FMOVS"},
	"float64": {8, true, "FMOVD", "FMOVD"},
	"pointer": {8, false, "MOVD", "MOVD"},
}

var declared = regexp.MustCompile(`(?m)^// (func \w+\(.*)$`)

// parseDeclarations finds the Go declarations in a C file.
func parseDeclarations(source string) ([]declaration, error) {
	var list []declaration
	for _, m := range declared.FindAllStringSubmatch(source, -1) {
		d, err := parseDeclaration(m[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m[1], err)
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no kernel with its Go declaration in it")
	}
	return list, nil
}

func parseDeclaration(text string) (declaration, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if err != nil {
		return declaration{}, err
	}
	f := file.Decls[0].(*ast.FuncDecl)
	d := declaration{name: f.Name.Name, text: text}
	integers, floats := 0, 0
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			p, float, err := d.place(name.Name, field.Type)
			if err != nil {
				return d, err
			}
			next := &integers
			p.register = "R"
			if float {
				next, p.register = &floats, "F"
			}
			if *next == 8 {
				return d, fmt.Errorf("more than 8 parameters of a kind do not fit into registers")
			}
			p.register += fmt.Sprint(*next)
			*next++
			d.params = append(d.params, p)
		}
	}
	if f.Type.Results != nil {
		d.size = (d.size + 7) &^ 7
		p, float, err := d.place("ret", f.Type.Results.List[0].Type)
		if err != nil {
			return d, err
		}
		p.register = "R0"
		if float {
			p.register = "F0"
		}
		d.result = &p
	}
	return d, nil
}

// place gives a parameter its place on the stack.
func (d *declaration) place(name string, of ast.Expr) (p param, float bool, err error) {
	kind := "pointer"
	switch t := of.(type) {
	case *ast.StarExpr:
	case *ast.Ident:
		kind = t.Name
	default:
		kind = ""
	}
	k, ok := kinds[kind]
	if !ok {
		return p, false, fmt.Errorf("%s has a type that kernels cannot have", name)
	}
	d.size = (d.size + k.size - 1) &^ (k.size - 1)
	p = param{name: name, load: k.load, store: k.store, offset: d.size}
	d.size += k.size
	return p, k.float, nil
}

// goAssembly returns the function in Go's assembly. Its code ends where the result is stored.
func (f *function) goAssembly(d declaration) string {
	var b strings.Builder
	flags := "NOSPLIT"
	if f.frame > 0 {
		flags = "0" // Go checks that the stack has room
	}
	fmt.Fprintf(&b, "// %s\nTEXT ·%s(SB), %s, $%d-%d\n", d.text, d.name, flags, f.goFrame(), d.size)
	for _, p := range d.params {
		fmt.Fprintf(&b, "\t%s %s+%d(FP), %s\n", p.load, p.name, p.offset, p.register)
	}
	next := 0
	for _, l := range f.lines {
		if l.label {
			fmt.Fprintf(&b, "\t// %s\n", l.text)
			continue
		}
		fmt.Fprintf(&b, "\tWORD $0x%08x // %s\n", f.words[next], strings.ReplaceAll(l.text, "\t", " "))
		next++
	}
	for _, w := range f.words[next:] {
		fmt.Fprintf(&b, "\tWORD $0x%08x\n", w)
	}
	if r := d.result; r != nil {
		fmt.Fprintf(&b, "\t%s %s, ret+%d(FP)\n", r.store, r.register, r.offset)
	}
	b.WriteString("\tRET\n")
	return b.String()
}
