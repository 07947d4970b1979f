// Gpucheck checks and measures the GPUs of a machine that needs no network and has nothing installed but NVIDIA's driver:
//
//	gpucheck [-device cuda:0,cuda:1] [-hours 2] [-cores 0.2] [-preset default] [-scale 1,2,4] FOLDER
//
// "make gpucheck" makes the folder build/gpucheck, with this program, the program that is checked, golden archives and sounds, which
// FOLDER stands for. Golden archives are decoded; sounds, and what is made of them, are compressed by the processor alone, by GPUs alone,
// and by both: the archives must be the same, byte for byte, and each is restored by all three. It prints how fast that is, and ends with exit
// code 1 if anything is not as it should be. Hours of sound are for GPUs alone: the processor takes long for them. With -scale, that is all it
// does: it measures so many GPUs one after the other, and then the last of these numbers together with the cores.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// who codes: the processor, GPUs, or both.
type who struct {
	name        string
	flags       []string
	environment string
}

// checker runs the program in a folder for what it makes.
type checker struct {
	program, device, dir string
	failed               bool
}

func main() {
	device := flag.String("device", "", "the GPUs, as in cuda:0,cuda:1; all of them otherwise")
	hours := flag.Float64("hours", 2, "how much sound GPUs are measured with, of 44.1 kHz stereo")
	cores := flag.Float64("cores", 0.2, "how many hours the processor is measured with, too; 0: only what GPUs do is checked")
	preset := flag.String("preset", "default", "the preset to measure")
	scale := flag.String("scale", "", "measure only this, with so many GPUs at a time, as in 1,2,4")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	program, err := filepath.Abs(filepath.Join(flag.Arg(0), "trilobyte"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "gpucheck:", err)
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "gpucheck")
	if err != nil {
		fmt.Fprintln(os.Stderr, "gpucheck:", err)
		os.Exit(1)
	}
	c := &checker{program: program, device: *device, dir: dir}
	if *scale != "" {
		err = c.scale(flag.Arg(0), *scale, *hours, *preset)
	} else {
		err = c.check(flag.Arg(0), *hours, *cores, *preset)
	}
	os.RemoveAll(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gpucheck:", err)
	}
	if err != nil || c.failed {
		os.Exit(1)
	}
	fmt.Println("All is well.")
}

// check does all there is to do. Its error is one that ends it.
func (c *checker) check(folder string, hours, cores float64, preset string) error {
	fmt.Printf("== the machine: %s, %d cores\n", runtime.GOARCH, runtime.NumCPU())
	if out, err := c.run(who{}, "devices"); err == nil {
		fmt.Print(out)
	}
	gpus := c.gpus()
	fmt.Println("== golden archives")
	goldens, err := filepath.Glob(filepath.Join(folder, "golden", "*.trilobyte"))
	if err != nil {
		return err
	}
	for _, golden := range goldens {
		c.verify(golden, gpus)
	}
	sounds := filepath.Join(folder, "sounds")
	all := append([]who{{"cores alone", []string{"--backend", "simd"}, ""}}, gpus...)
	if cores > 0 {
		fmt.Println("== sounds as they are")
		c.both(sounds, preset, 0, all)
	}
	auto := who{"auto", []string{"--backend", "auto"}, ""}
	for _, m := range []struct {
		what  string
		hours float64
		all   []who
	}{{"sound", cores, all}, {"one file", min(cores, 300./3600), append(all, auto)}, {"sound", hours, append(gpus, auto)}} {
		if m.hours == 0 {
			continue
		}
		if err := c.measure(sounds, m.what, m.hours, preset, m.all); err != nil {
			return err
		}
	}
	return nil
}

// scale measures several numbers of GPUs.
func (c *checker) scale(folder, numbers string, hours float64, preset string) error {
	var all []who
	for _, number := range strings.Split(numbers, ",") {
		n, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("-scale %s: %w", numbers, err)
		}
		var devices []string
		for i := range n {
			devices = append(devices, fmt.Sprintf("cuda:%d", i))
		}
		flags := []string{"--backend", "cuda", "--device", strings.Join(devices, ",")}
		all = append(all, who{number + " GPUs alone", flags, "TRILOBYTE_GPU_ALONE=1"})
	}
	last := all[len(all)-1]
	all = append(all, who{strings.Replace(last.name, "alone", "and cores", 1), last.flags, ""})
	return c.measure(filepath.Join(folder, "sounds"), "sound", hours, preset, all)
}

// measure has all compress and restore so many hours of what is made of sounds.
func (c *checker) measure(sounds, what string, hours float64, preset string, all []who) error {
	made := filepath.Join(c.dir, "made")
	if err := makeSounds(made, sounds, hours); err != nil {
		return err
	}
	fmt.Printf("== %s of %.2f hours, preset %s, x real time\n", what, hours, preset)
	c.both(made, preset, hours*3600, all)
	return os.RemoveAll(made)
}

// gpus are who codes with GPUs.
func (c *checker) gpus() []who {
	flags := []string{"--backend", "cuda"}
	if c.device != "" {
		flags = append(flags, "--device", c.device)
	}
	return []who{{"GPUs alone", flags, "TRILOBYTE_GPU_ALONE=1"}, {"GPUs and cores", flags, ""}}
}

// both has all compress a folder, compares, and has all restore it. seconds is how much sound it has, 0 if that does not matter.
func (c *checker) both(folder, preset string, seconds float64, all []who) {
	first := ""
	for i, w := range all {
		archive := filepath.Join(c.dir, fmt.Sprintf("%d.trilobyte", i))
		took, ok := c.timed(w, append([]string{"compress", folder, "--no-verify", "--preset", preset, "-o", archive}, w.flags...)...)
		c.say(ok, "compress, "+w.name, took, seconds)
		if first == "" {
			first = archive
			continue
		}
		c.say(c.same(first, archive), "the archive is the same, byte for byte", 0, 0)
		os.Remove(archive)
	}
	for _, w := range all {
		out := filepath.Join(c.dir, "restored")
		took, ok := c.timed(w, append([]string{"restore", first, "-C", out}, w.flags...)...)
		c.say(ok, "restore, "+w.name, took, seconds)
		c.say(c.sameFolders(folder, filepath.Join(out, filepath.Base(folder))), "the files are the same", 0, 0)
		os.RemoveAll(out)
	}
	os.Remove(first)
}

// verify has an archive decoded by all.
func (c *checker) verify(archive string, all []who) {
	for _, w := range all {
		took, ok := c.timed(w, append([]string{"verify", archive}, w.flags...)...)
		c.say(ok, fmt.Sprintf("verify %s, %s", filepath.Base(archive), w.name), took, 0)
	}
}

// timed runs the program, which must say nothing on its standard error.
func (c *checker) timed(w who, args ...string) (took time.Duration, ok bool) {
	begin := time.Now()
	_, err := c.run(w, args...)
	took = time.Since(begin)
	if err != nil {
		fmt.Println(err)
	}
	return took, err == nil
}

// run returns what the program prints. What it complains about is an error.
func (c *checker) run(w who, args ...string) (string, error) {
	var out, complaints bytes.Buffer
	cmd := exec.Command(c.program, args...)
	cmd.Env = append(os.Environ(), w.environment)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	if err != nil || complaints.Len() > 0 {
		return out.String(), fmt.Errorf("%s (%v)", strings.TrimSpace(complaints.String()), err)
	}
	return out.String(), nil
}

// say prints a line, with the time that it took if that is not 0.
func (c *checker) say(ok bool, what string, took time.Duration, seconds float64) {
	result := "ok"
	if !ok {
		result, c.failed = "FAILED", true
	}
	line := fmt.Sprintf("%-7s %-42s", result, what)
	if took > 0 {
		line += fmt.Sprintf(" %8.2f s", took.Seconds())
	}
	if seconds > 0 {
		line += fmt.Sprintf(" %8.1f x", seconds/took.Seconds())
	}
	fmt.Println(strings.TrimRight(line, " "))
}

// same compares two files.
func (c *checker) same(a, b string) bool {
	x, errA := os.ReadFile(a)
	y, errB := os.ReadFile(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

// sameFolders compares the files of two folders.
func (c *checker) sameFolders(a, b string) bool {
	files := 0
	err := filepath.WalkDir(a, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		within, err := filepath.Rel(a, path)
		if err == nil && !c.same(path, filepath.Join(b, within)) {
			err = fmt.Errorf("%s is not what it was", within)
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	return err == nil && files > 0
}
