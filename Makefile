# make run     the program with its window: makes and opens it
# make install the same, for good, for yourself: below ~/.local, with its menu entry
# make build   the program, without the window: build/trilobyte
# make demo    archive testdata/demo, restore it elsewhere, compare
# make test    all tests, and what checks the code; before, it installs what they need
# make test-go, test-cgo, test-window, test-format, test-arm64, test-wine, test-generated, test-training
#              its parts: two at a time, each of which is printed when it is done
# make bench-window  what the window costs
# make onnxruntime                    ONNX Runtime, and the program with it (see docs/backends.md)
# ONNXRUNTIME=cuda make onnxruntime   the same, for NVIDIA GPUs
# make benchmarks DATA=folder
#              measure on the WAV files in folder, with the other programs that
#              are installed, and rewrite the tables in docs/benchmarks.md and
#              README.md, and the picture
# make train PRESET=fast DATA=folder
#              make the model of a preset (fast, default or max) from the WAV and FLAC files in folder:
#              build/training/PRESET/model.onnx. It says what it will take, and goes on where it stopped.
#              PYTHON=python3 ARGS="--minutes 30": see training/train.sh and training/train.py
# make ablation DATA=folder
#              measure on the WAV files in folder what each part of the codec is
#              worth, and rewrite docs/ablation.md
# make soak    the long forms of the tests of faults, on ARM64 and in Wine, and 10 minutes
#              of each fuzz target
# make audit   the modules are what go.sum says, and have no known vulnerability
# make vectors the test vectors of the format anew, while it may still change (see testdata/vectors/README.md)
# make licences      rewrite docs/licences.md
# make packages      what users install, for all systems, into dist/ (see packaging/)
# make test-packages installs the .deb in a bare Debian, and the window for Windows in Wine, uses and removes them; uses what is for
#              ARM64 in an emulator (ARM64=all: at length)
# make test-cluster  has Slurm and Snakemake archive 40 folders (see docs/cluster.md)
# make gpucheck      what checks and measures GPUs on another machine: build/gpucheck (see docs/backends.md)
# make reproducible  build twice, in different places, and compare
GO      ?= go
PROGRAM := build/trilobyte
WINDOW  := build/trilobyte-window
PREFIX  ?= $(HOME)/.local

# How long make soak fuzzes each target.
FUZZTIME ?= 10m

# The program knows the commit that it was made from.
COMMIT  ?= $(shell git describe --always --dirty --exclude '*' --abbrev=12 2>/dev/null)
BUILD   := -trimpath -buildvcs=false -ldflags '-X main.commit=$(COMMIT)'

# It is made with cgo, which ONNX Runtime needs, where ONNX Runtime is.
COMPILER = $(shell command -v $$($(GO) env CC 2>/dev/null))
CGO      = $(if $(and $(COMPILER),$(wildcard build/onnxruntime/VERSION)),1,0)

# The packages whose tests take longest come first, so that no processor waits for one of them at the end. What go test
# would vet has been.
TEST := $(GO) test -tags headless -vet=off -timeout 40m
LONGEST := ./app/job .

# The parts of the tests, in this order (but for --old-file, make would begin what needs need-go last): beside the one that
# compiles most there is Python. They all use the C compiler that the window needs, so that what is made with cgo is compiled once.
PARTS := test-go test-format test-training test-cgo test-window test-arm64 test-wine test-generated

# The second decoder, in Python, and what it decodes.
REFERENCE := codec/reference
DECODED   := testdata/vectors $(wildcard testdata/golden/*.trilobyte)
VENV      := OMP_NUM_THREADS=1 .venv/bin/python

# Everything is built with the same flags, and so that it is compiled once.
export GO
export GOFLAGS := $(filter-out -trimpath,$(GOFLAGS)) -trimpath

.PHONY: packages test-packages test-cluster build onnxruntime demo test test-go test-cgo test-generated test-format test-training test-window test-arm64 test-wine \
	run window install bench-window train ablation benchmarks vectors reproducible gpucheck licences audit soak need-go
.DEFAULT_GOAL := build

need-go:
	@command -v $(GO) >/dev/null || { echo "Trilobyte is written in Go: install Go 1.26 or newer first (https://go.dev/dl)." >&2; exit 1; }

build: need-go
	CGO_ENABLED=$(CGO) $(GO) build $(BUILD) -tags headless -o $(PROGRAM) .

onnxruntime: need-go
	@sh setup/packages.sh compiler npm || { echo "ONNX Runtime is fetched through npm, and of use with a C compiler: install Node.js with npm and gcc first." >&2; exit 1; }
	@sh codec/internal/network/onnx/install.sh $(or $(ONNXRUNTIME),1.30.0) build/onnxruntime
	@$(MAKE) --no-print-directory build
	@$(PROGRAM) devices

demo: build
	@rm -rf build/demo && mkdir -p build/demo
	@echo; echo "Archiving testdata/demo:"; echo
	@$(PROGRAM) compress testdata/demo -o build/demo/demo.trilobyte
	@echo; echo "Restoring it into build/demo/restored:"; echo
	@$(PROGRAM) restore build/demo/demo.trilobyte -C build/demo/restored
	@diff -r testdata/demo build/demo/restored/demo
	@find testdata/demo -type f | while read -r f; do cmp "$$f" "build/demo/restored/$${f#testdata/}" || exit 1; done
	@echo; echo "All $$(find testdata/demo -type f | wc -l) files came back, byte for byte the same (compared with diff and cmp)."

# With more memory for garbage, staticcheck takes two thirds of the time, and the linker four fifths. Tests of memory count all that is
# allocated.
test: need-go
	@sh setup/tests.sh
	@echo "Testing, two parts at a time. What each has to say comes when it is done."
	@SETUP=done GOGC=300 CC=$$(command -v clang >/dev/null && echo clang || $(GO) env CC) $(MAKE) --no-print-directory --jobs=2 --output-sync=target --old-file=need-go $(PARTS)

# All but the few files that draw on a real screen is tested without them: the
# tag headless leaves them out, and with them the C libraries that they need. What
# is checked is built as what is tested is, so that all is compiled once. Pictures of
# all that the window shows go to build/screenshots/tour.
test-go: need-go
	@unformatted=$$($$($(GO) env GOROOT)/bin/gofmt -l *.go app assets codec docs training ui); \
	test -z "$$unformatted" || { echo "Not formatted, use gofmt -w:" $$unformatted; exit 1; }
	$(GO) vet -tags headless ./...
	$(GO) tool staticcheck -tags headless ./...
	TRILOBYTE_SCREENSHOTS=$(CURDIR)/build/screenshots/tour $(TEST) $(LONGEST) ./...
	@ls build/onnxruntime-*/VERSION >/dev/null 2>&1 || echo "SKIPPED: the tests with ONNX Runtime, which is fetched through npm."

# What is made of other files without cgo, and the race detector, which needs a C compiler.
test-cgo: need-go
ifeq ($(COMPILER),)
	@echo "SKIPPED: the race detector, and checking what is built with cgo, because there is no C compiler."
else
	packages=$$(sh .ci/cgo.sh) && staticcheck=$$($(GO) tool -n staticcheck) && CGO_ENABLED=0 $(GO) vet -tags headless $$packages && \
	CGO_ENABLED=0 $$staticcheck -tags headless $$packages
	packages=$$(sh .ci/raced.sh) && CGO_ENABLED=1 $(TEST) -race -short $(LONGEST) $$packages
endif

# The assembly is what its generators make.
test-generated: need-go
	@sh .ci/generated.sh

# A second decoder, written after codec/FORMAT.md, decodes the same.
test-format:
	@sh setup/python.sh $(REFERENCE)/requirements.txt || { echo "SKIPPED: the second decoder, which needs Python with numpy."; exit 0; }; \
	$(VENV) $(REFERENCE)/check.py $(DECODED)

vectors: need-go
	$(GO) test -tags headless -count=1 -run '^TestVectors$$' ./codec/internal/segment ./app/job -update

test-training:
	@sh setup/python.sh training/requirements.txt || { echo "SKIPPED: the tests of the training, which need Python with PyTorch."; exit 0; }; \
	$(VENV) -m unittest discover -s training -p '*_test.py'

# The real window, on a virtual screen: screenshots go to build/screenshots.
test-window: need-go
	@sh ui/windowtest/test.sh

# An ARM64 build, emulated: it restores files of the golden archives, with GOLDEN=all all of them.
test-arm64: need-go
	@sh testdata/golden/arm64.sh $(or $(GOLDEN),short)

# A Windows build, in Wine: it archives and restores, and runs scripts for the command line, with WINE=all all of them.
test-wine: need-go
	@sh testdata/wine/test.sh $(or $(WINE),short)

run: need-go
	@sh setup/packages.sh window
	@$(MAKE) --no-print-directory window
	$(WINDOW)

window: need-go
	@echo "Making $(WINDOW). The first time, that takes a minute or two."
	@CC=clang CGO_ENABLED=1 $(GO) build $(BUILD) -o $(WINDOW) .

install: window
	install -D $(WINDOW) $(PREFIX)/bin/trilobyte
	install -D -m 644 icon.png $(PREFIX)/share/icons/hicolor/512x512/apps/org.trilobyte.Trilobyte.png
	install -D -m 644 assets/linux/org.trilobyte.Trilobyte.xml $(PREFIX)/share/mime/packages/org.trilobyte.Trilobyte.xml
	install -D -m 644 assets/linux/org.trilobyte.Trilobyte.desktop $(PREFIX)/share/applications/org.trilobyte.Trilobyte.desktop
	sed -i 's|^Exec=trilobyte|Exec=$(PREFIX)/bin/trilobyte|' $(PREFIX)/share/applications/org.trilobyte.Trilobyte.desktop
	-update-mime-database $(PREFIX)/share/mime
	-update-desktop-database $(PREFIX)/share/applications

bench-window: window
	$(GO) test -tags window,headless -count=1 -run '^$$' -bench . -benchtime 1x -timeout 20m ./ui/windowtest

train:
	@sh training/train.sh "$(PRESET)" "$(DATA)" $(ARGS)

ablation: need-go
	@test -n "$(DATA)" || { echo "Say where the WAV files are: make ablation DATA=folder" >&2; exit 2; }
	$(GO) run ./training/ablation $(if $(wildcard training/ablation/bytes.json),-bytes training/ablation/bytes.json) "$(DATA)" > build/ablation.md
	mv build/ablation.md docs/ablation.md

benchmarks: build
	@test -n "$(DATA)" || { echo "Say where the WAV files are: make benchmarks DATA=folder" >&2; exit 2; }
	rm -f build/benchmarks.svg
	$(PROGRAM) bench "$(DATA)" --preset fast,default,max --peers --json --picture build/benchmarks.svg > build/benchmarks.json
	$(GO) run ./docs/update build/benchmarks.json docs/benchmarks.md README.md
	cp build/benchmarks.svg docs/benchmarks.svg

# The same commit gives the same bytes, wherever it is built.
gpucheck: need-go
	@rm -rf build/gpucheck && mkdir -p build/gpucheck/golden build/gpucheck/sounds
	CGO_ENABLED=0 $(GO) build -trimpath -tags headless -ldflags "-s -w" -o build/gpucheck/trilobyte .
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o build/gpucheck/gpucheck ./codec/internal/cuda/gpucheck
	@cp testdata/golden/*.trilobyte build/gpucheck/golden && cp -R testdata/demo/. build/gpucheck/sounds

reproducible: need-go
	@sh .ci/reproducible.sh

packages: need-go
	@bash packaging/make.sh dist

# Installs the .deb in a bare Debian, and the program for Windows in Wine, uses and removes them. It takes root, and debootstrap.
# The package for ARM64 is used in an emulator: ARM64=all has it run all scripts for the command line, and the default preset.
test-packages: need-go
	@bash packaging/linux/test.sh dist/trilobyte_*_amd64.deb
	@sh testdata/wine/installer.sh dist/trilobyte-*-windows-x64-setup.exe
	@sh packaging/linux/arm64.sh dist/trilobyte-*-linux-arm64.tar.gz $(or $(ARM64),short)

# Slurm and Snakemake archive 40 folders on this machine. It takes root, and some minutes.
test-cluster: need-go
	@bash deploy/test.sh

licences: need-go
	$(GO) run ./docs/licences > docs/licences.new && mv docs/licences.new docs/licences.md

audit: need-go
	$(GO) mod verify
	$(GO) test -count=1 ./docs/licences
	@if $(GO) tool govulncheck -tags headless ./... > build/audit.txt 2>&1; then cat build/audit.txt; \
	elif grep -q 'fetching vulnerabilities' build/audit.txt; then \
		echo "SKIPPED: the search for known vulnerabilities, because their list at vuln.go.dev cannot be reached."; \
	else cat build/audit.txt; exit 1; fi

soak: need-go
	@$(MAKE) --no-print-directory test-arm64 GOLDEN=all
	@$(MAKE) --no-print-directory test-wine WINE=all
	TRILOBYTE_SOAK=1 $(GO) test -tags headless -count=1 -timeout 3h . ./app/...
	@sh .ci/fuzz.sh $(FUZZTIME)
