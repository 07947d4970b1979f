//go:build cgo

package onnx

import (
	"bufio"
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// sumsFile lies beside a library that was installed with its checksums, in the form of the command sha256sum.
const sumsFile = "SHA256SUMS"

// inspect returns an error if a file is no library for this system and processor, is cut off, or is not what the
// checksums beside it say. The system's loader would crash the program on some such files.
func inspect(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	arch, end, err := layout(file)
	switch {
	case err != nil:
		return fmt.Errorf("%s is not a library for this system, or is damaged", path)
	case arch != runtime.GOARCH:
		return fmt.Errorf("%s is a library for another kind of processor (%s; this program needs %s)", path, arch, runtime.GOARCH)
	case end > info.Size():
		return fmt.Errorf("%s is damaged: %d bytes are missing at its end", path, end-info.Size())
	}
	return checkSum(path, file)
}

// layout returns the architecture of a library, as Go calls it, and the length that its headers promise.
func layout(r io.ReaderAt) (arch string, end int64, err error) {
	switch runtime.GOOS {
	case "windows":
		return layoutPE(r)
	case "darwin":
		return layoutMachO(r)
	}
	return layoutELF(r)
}

func layoutELF(r io.ReaderAt) (arch string, end int64, err error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return "", 0, err
	}
	if f.Type != elf.ET_DYN {
		return "", 0, errors.New("not a shared library")
	}
	for _, p := range f.Progs {
		end = max(end, int64(p.Off+p.Filesz))
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS {
			end = max(end, int64(s.Offset+s.FileSize))
		}
	}
	arch = map[elf.Machine]string{
		elf.EM_X86_64: "amd64", elf.EM_386: "386", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm",
		elf.EM_RISCV: "riscv64", elf.EM_PPC64: "ppc64", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64",
	}[f.Machine]
	if arch == "" {
		arch = f.Machine.String()
	}
	return arch, end, nil
}

func layoutMachO(r io.ReaderAt) (arch string, end int64, err error) {
	if fat, err := macho.NewFatFile(r); err == nil {
		for _, a := range fat.Arches {
			end = max(end, int64(a.Offset)+int64(a.Size))
			if name := machOArch(a.Cpu); arch == "" || name == runtime.GOARCH {
				arch = name
			}
		}
		return arch, end, nil
	}
	f, err := macho.NewFile(r)
	if err != nil {
		return "", 0, err
	}
	for _, l := range f.Loads {
		if s, ok := l.(*macho.Segment); ok {
			end = max(end, int64(s.Offset+s.Filesz))
		}
	}
	return machOArch(f.Cpu), end, nil
}

func machOArch(cpu macho.Cpu) string {
	switch cpu {
	case macho.CpuAmd64:
		return "amd64"
	case macho.CpuArm64:
		return "arm64"
	}
	return cpu.String()
}

func layoutPE(r io.ReaderAt) (arch string, end int64, err error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return "", 0, err
	}
	for _, s := range f.Sections {
		end = max(end, int64(s.Offset)+int64(s.Size))
	}
	switch f.Machine {
	case pe.IMAGE_FILE_MACHINE_AMD64:
		arch = "amd64"
	case pe.IMAGE_FILE_MACHINE_ARM64:
		arch = "arm64"
	default:
		arch = fmt.Sprintf("machine %#x", f.Machine)
	}
	return arch, end, nil
}

// checkSum compares a library with its checksum, if there is one beside it.
func checkSum(path string, file io.ReadSeeker) error {
	want, err := listedSum(path)
	if err != nil || want == "" {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != want {
		return fmt.Errorf("%s is damaged: it is not the file whose checksum stands in %s beside it", path, sumsFile)
	}
	return nil
}

// listedSum returns the SHA-256 that the list beside a library has for it, or "".
func listedSum(path string) (string, error) {
	list, err := os.Open(filepath.Join(filepath.Dir(path), sumsFile))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer list.Close()
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		sum, name, ok := strings.Cut(lines.Text(), " ")
		if ok && strings.TrimLeft(name, " *") == filepath.Base(path) {
			return strings.ToLower(sum), nil
		}
	}
	return "", lines.Err()
}
