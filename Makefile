# make run     the program with its window: makes and opens it
# make install the same, for good, for yourself: below ~/.local, with its menu entry
# make build   the program, without the window: build/trilobyte
# make demo    archive testdata/demo, restore it elsewhere, compare
# make test    all tests, and what checks the code
# make test-window   the part of them that drives the real window
# make bench-window  what the window costs
# make onnxruntime                    ONNX Runtime, and the program with it (see docs/backends.md)
# ONNXRUNTIME=cuda make onnxruntime   the same, for NVIDIA GPUs
# make benchmarks DATA=folder
#              measure on the WAV files in folder, with the other programs that
#              are installed, and rewrite the tables in docs/benchmarks.md and
#              README.md, and the picture
# make train DATA=folder PRESET=default
#              train the language model of a preset (fast, or default, which makes
#              that of max, too) on the WAV and FLAC files in folder:
#              build/training/PRESET/adapted.onnx
# make ablation DATA=folder
#              measure on the WAV files in folder what each part of the codec is
#              worth, and rewrite docs/ablation.md
# make soak    the long forms of the tests of faults and on ARM64, and 10 minutes
#              of each fuzz target
# make audit   the modules are what go.sum says, and have no known vulnerability
# make licences      rewrite docs/licences.md
# make reproducible  build twice, in different places, and compare
GO       ?= go
PROGRAM  := build/trilobyte
COMPILER := $(shell command -v $$($(GO) env CC 2>/dev/null))
SUDO     := $(if $(filter-out 0,$(shell id -u)),sudo)

# The program is made with cgo, which ONNX Runtime needs, where ONNX Runtime is.
CGO      := $(if $(and $(COMPILER),$(wildcard build/onnxruntime/VERSION)),1,0)
INSTALL  := sh codec/internal/network/onnx/install.sh

FUZZTIME ?= 10m

# What the window is made with, and what its tests need besides. gcc takes
# minutes for the OpenGL bindings, clang seconds.
WINDOW          := build/trilobyte-window
WINDOW_PACKAGES := clang libc6-dev pkg-config libgl1-mesa-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev libasound2-dev
WINDOW_LIBRARIES := gl xcursor xrandr xinerama xi xxf86vm alsa
SCREEN_PACKAGES := xvfb openbox libgl1-mesa-dri
missing          = $(strip $(if $(shell command -v dpkg-query),$(foreach p,$(1),$(if $(findstring installed,$(filter installed,$(shell dpkg-query -W -f '$${db:Status-Status}' $(p) 2>/dev/null))),,$(p)))))
WITH_WINDOW     := CC=clang CGO_ENABLED=1 GOFLAGS="$$GOFLAGS -trimpath"
APT_GET         := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get
PREFIX          ?= $(HOME)/.local

.PHONY: run install window test-window bench-window build demo test test-arm64 benchmarks onnxruntime onnxruntime-tests train ablation soak audit licences reproducible need-go
.DEFAULT_GOAL := build

need-go:
	@command -v $(GO) >/dev/null || { echo "Trilobyte is written in Go: install Go 1.26 or newer first (https://go.dev/dl)." >&2; exit 1; }

build: need-go
	CGO_ENABLED=$(CGO) $(GO) build -trimpath -buildvcs=false -tags headless -o $(PROGRAM) .

onnxruntime: need-go
	@$(if $(COMPILER),,echo "ONNX Runtime needs a C compiler to be of use: install gcc first." >&2; exit 1)
	@$(INSTALL) $(or $(ONNXRUNTIME),1.30.0) build/onnxruntime
	@$(MAKE) --no-print-directory build
	@$(PROGRAM) devices

# What tests compare with: two versions.
onnxruntime-tests:
	@if command -v npm >/dev/null; then \
		$(INSTALL) 1.30.0 build/onnxruntime-1.30.0 && $(INSTALL) 1.24.1 build/onnxruntime-1.24.1; \
	else \
		echo "SKIPPED: the tests with ONNX Runtime, which is fetched through npm."; \
	fi

demo: build
	@rm -rf build/demo && mkdir -p build/demo
	@echo; echo "Archiving testdata/demo:"; echo
	@$(PROGRAM) compress testdata/demo -o build/demo/demo.trilobyte
	@echo; echo "Restoring it into build/demo/restored:"; echo
	@$(PROGRAM) restore build/demo/demo.trilobyte -C build/demo/restored
	@diff -r testdata/demo build/demo/restored/demo
	@find testdata/demo -type f | while read -r f; do cmp "$$f" "build/demo/restored/$${f#testdata/}" || exit 1; done
	@echo; echo "All $$(find testdata/demo -type f | wc -l) files came back, byte for byte the same (compared with diff and cmp)."

# All but the few files that draw on a real screen is tested without them: the
# tag headless leaves them out, and with them the C libraries that they need.
test: need-go onnxruntime-tests
	$(GO) vet -tags headless ./...
	CGO_ENABLED=0 $(GO) vet -tags headless ./...
	$(GO) tool staticcheck -tags headless ./...
	$(GO) test -tags headless -timeout 40m ./...
	$(if $(COMPILER),CGO_ENABLED=1 $(GO) test -tags headless -race -short -timeout 40m ./...,@echo "SKIPPED: the race detector, which needs a C compiler.")
	@$(MAKE) --no-print-directory test-window
	@$(MAKE) --no-print-directory test-arm64

run: need-go
	@packages="$(call missing,$(WINDOW_PACKAGES))"; \
	if [ -n "$$packages" ]; then \
		echo "To make its window, Trilobyte needs these packages: $$packages"; \
		printf "Install them now, with apt-get? [Y/n] "; read -r answer; \
		case "$$answer" in [nN]*) exit 1;; esac; \
		$(APT_GET) update -qq && $(APT_GET) install -y --no-install-recommends $$packages || exit 1; \
	fi
	@$(MAKE) --no-print-directory window
	$(WINDOW)

window: need-go
	@echo "Making $(WINDOW). The first time, that takes a minute or two."
	@$(WITH_WINDOW) $(GO) build -buildvcs=false -o $(WINDOW) .

install: window
	install -D $(WINDOW) $(PREFIX)/bin/trilobyte
	install -D -m 644 icon.png $(PREFIX)/share/icons/hicolor/512x512/apps/org.trilobyte.Trilobyte.png
	install -D -m 644 assets/linux/org.trilobyte.Trilobyte.xml $(PREFIX)/share/mime/packages/org.trilobyte.Trilobyte.xml
	install -D -m 644 assets/linux/org.trilobyte.Trilobyte.desktop $(PREFIX)/share/applications/org.trilobyte.Trilobyte.desktop
	sed -i 's|^Exec=trilobyte|Exec=$(PREFIX)/bin/trilobyte|' $(PREFIX)/share/applications/org.trilobyte.Trilobyte.desktop
	-update-mime-database $(PREFIX)/share/mime
	-update-desktop-database $(PREFIX)/share/applications

# The real window, on a virtual screen: screenshots go to build/screenshots.
test-window: need-go
	@packages="$(call missing,$(WINDOW_PACKAGES) $(SCREEN_PACKAGES))"; \
	if [ -n "$$packages" ]; then \
		echo "Installing what the window and its tests need (with apt): $$packages"; \
		$(APT_GET) update -qq </dev/null && $(APT_GET) install -y -qq --no-install-recommends $$packages </dev/null >/dev/null || true; \
	fi
	@for tool in clang pkg-config Xvfb openbox; do \
		command -v $$tool >/dev/null || { echo "SKIPPED: the tests of the real window, because $$tool is not here and could not be installed."; exit 0; }; \
	done; \
	pkg-config --exists $(WINDOW_LIBRARIES) || { echo "SKIPPED: the tests of the real window, because not all of $(WINDOW_LIBRARIES) are here and could be installed."; exit 0; }; \
	$(WITH_WINDOW) $(GO) vet . ./ui/... && \
	$(WITH_WINDOW) $(GO) vet -tags window ./ui/windowtest && \
	$(WITH_WINDOW) $(GO) tool staticcheck . ./ui/... && \
	$(MAKE) --no-print-directory window && \
	$(GO) test -tags window,headless -count=1 -timeout 20m ./ui/windowtest

bench-window: window
	$(GO) test -tags window,headless -count=1 -run '^$$' -bench . -benchtime 1x -timeout 20m ./ui/windowtest

# Archives must decode to the same bytes on every kind of processor: this makes
# the program for ARM64 and lets it restore files of the golden archives in an
# emulator, with GOLDEN=all all of them.
GOLDEN ?= short

test-arm64: need-go
	@if ! { command -v qemu-aarch64 || command -v qemu-aarch64-static || ! command -v apt-get; } >/dev/null; then \
		echo "Installing qemu-user (with apt) to run the ARM64 build:"; \
		$(SUDO) apt-get update -qq </dev/null && $(SUDO) apt-get install -y -qq qemu-user </dev/null || true; \
	fi
	@qemu=$$(command -v qemu-aarch64 || command -v qemu-aarch64-static); \
	if [ -z "$$qemu" ]; then \
		echo "SKIPPED: the ARM64 build, because there is no qemu-user here and it could not be installed."; \
		exit 0; \
	fi; \
	CGO_ENABLED=0 GOARCH=arm64 $(GO) build -tags headless -o $(PROGRAM)-arm64 . || exit 1; \
	echo "On ARM64 (emulated):"; \
	ls testdata/golden/*.trilobyte | xargs -P "$$(getconf _NPROCESSORS_ONLN)" -I ARCHIVE sh testdata/golden/restore.sh $(GOLDEN) ARCHIVE "$$qemu" $(PROGRAM)-arm64

# What is there of an earlier run is continued. The default takes about 45 minutes on two cores. Max has the same network.
PRESET        ?= default
ROWS_fast     := -features 4-fast -rows 12000 -samples 120000
ROWS_default  := -features 4 -span 4096 -rows 49152 -samples 120000
# The version whose experts the model is to be used with: they tell of the same.
ADAPT_fast    := 6-fast
ADAPT_default := 6
TRAIN_fast    := --hidden 32 --rate 2e-3 --start assets/models/third-fast.onnx --steps 19260
TRAIN_default := --hidden 96 64 --units 64 --streams 64 --length 256 --average 0.999 --rate 2e-3 --start assets/models/fourth-default.onnx --steps 16000

train: need-go
	@test -n "$(DATA)" || { echo "Say where the sounds are: make train DATA=folder" >&2; exit 2; }
	@test -d .venv || { python3 -m venv .venv && .venv/bin/python -m pip install -r training/requirements.txt; }
	@test -n "$(TRAIN_$(PRESET))" || { echo "Say PRESET=fast, or PRESET=default, from which the model for max is made, too." >&2; exit 2; }
	$(GO) build -o build/training/rows-of ./training/rows
	@test -e build/training/$(PRESET)/rows/groups.u8 || build/training/rows-of $(ROWS_$(PRESET)) -o build/training/$(PRESET)/rows "$(DATA)"
	.venv/bin/python training/train.py build/training/$(PRESET)/rows build/training/$(PRESET) $(TRAIN_$(PRESET))
	.venv/bin/python training/order.py build/training/$(PRESET)/rows build/training/$(PRESET)/model.onnx build/training/$(PRESET)/ordered.onnx
	.venv/bin/python training/adapt.py build/training/$(PRESET)/ordered.onnx $(ADAPT_$(PRESET)) build/training/$(PRESET)/adapted.onnx
	$(if $(filter default,$(PRESET)),mkdir -p build/training/max && .venv/bin/python training/adapt.py build/training/default/ordered.onnx 4-max build/training/max/adapted.onnx)
	@echo "The model is build/training/$(PRESET)/adapted.onnx. To build it in, copy it to assets/models (and keep the old one: see assets/model.md)."

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

# The same commit must give the same bytes, wherever it is built: nobody has to
# trust whoever built the program.
reproducible: need-go
	@rm -rf build/reproducible && mkdir -p build/reproducible
	@for place in one another/place; do \
		mkdir -p build/reproducible/$$place && \
		git ls-files -z | xargs -0 cp --parents -t build/reproducible/$$place && \
		echo "Building in build/reproducible/$$place" && \
		(cd build/reproducible/$$place && GOCACHE=$$PWD/../cache-$$(basename $$place) $(MAKE) --no-print-directory build) || exit 1; \
	done
	@cmp build/reproducible/one/$(PROGRAM) build/reproducible/another/place/$(PROGRAM)
	@echo "Both are the same: $$(sha256sum < build/reproducible/one/$(PROGRAM))"
	@rm -rf build/reproducible

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
	TRILOBYTE_SOAK=1 $(GO) test -count=1 -timeout 3h ./app/...
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' "$$file" | while read -r target; do \
			echo "Fuzzing $$target in $$(dirname "$$file")"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$(dirname "$$file")" </dev/null || exit 1; \
		done || exit 1; \
	done
