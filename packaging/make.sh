#!/bin/bash
# Makes what users install, of the last commit, for all systems, on a Debian machine: packaging/make.sh FOLDER
#
# Everything is made of a copy of that commit, with its date, so that the same commit gives the same bytes. What cannot be
# made here is said, and left out.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
out=$(realpath "$1") work=$PWD/build/packages
go=${GO:-go}
sh setup/packages.sh window packages || echo "Some of what makes the packages is not here, and could not be installed."

commit=$(git rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
[ -z "$(git status --porcelain)" ] || echo "What is not committed is left out."
rm -rf "$work"
mkdir -p "$work/src"
git archive HEAD | tar -x -C "$work/src"
cd "$work/src"
version=$(cat VERSION)
debian=${version/-/\~} # which sorts before the release
name=trilobyte-$version
export GOFLAGS="-trimpath -buildvcs=false"

. packaging/linux/deb.sh

say() { echo "  $1"; }
missing() { echo "  NOT MADE: $1, because $2 is not here." >&2; }

# headless SYSTEM PROCESSOR FILE [TAG] makes the program without its window. It is one file and, with the tag static or on another system
# than Linux on x64, needs nothing else. Without it, NVIDIA's driver can be loaded, for which it needs the C library of its system.
headless() { CGO_ENABLED=0 GOOS=$1 GOARCH=$2 "$go" build -tags "headless${4:+,$4}" -ldflags "-s -w -X main.commit=$commit" -o "$3" .; }

# window FILE [FLAG...] makes the program with its window, for the system that is in the environment.
window() { CGO_ENABLED=1 "$go" build -ldflags "-s -w -compressdwarf=false -X main.commit=$commit ${*:2}" -o "$1" .; }

# described FOLDER puts the manual page and what shells complete with into a folder.
described() {
	mkdir -p "$1"
	"$work/native" manual >"$1/trilobyte.1"
	"$work/native" completion bash >"$1/trilobyte.bash"
	"$work/native" completion zsh >"$1/_trilobyte"
	"$work/native" completion fish >"$1/trilobyte.fish"
	"$work/native" completion powershell >"$1/trilobyte.ps1"
}

# tarball FOLDER packs a folder, with what is said about it.
tarball() {
	cp README.md CHANGELOG.md LICENSE "$1"
	cp docs/licences.md "$1/licences.md"
	tar -c --sort=name --mtime=@"$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w -C "$(dirname "$1")" "$(basename "$1")" |
		gzip -9n >"$out/$(basename "$1").tar.gz"
	say "$(basename "$1").tar.gz"
}

# zipped FOLDER packs a folder as Windows unpacks it.
zipped() {
	cp CHANGELOG.md LICENSE "$1"
	cp docs/licences.md "$1/licences.md"
	find "$1" -exec touch -h -d @"$SOURCE_DATE_EPOCH" {} +
	rm -f "$out/$(basename "$1").zip"
	(cd "$(dirname "$1")" && find "$(basename "$1")" | LC_ALL=C sort | zip -q -X -9 -@ "$out/$(basename "$1").zip")
	say "$(basename "$1").zip"
}

echo "Making the packages of $version (commit $commit) in $out:"
rm -f "$out"/trilobyte[-_]* "$out/SHA256SUMS"
headless "$("$go" env GOHOSTOS)" "$("$go" env GOHOSTARCH)" "$work/native"
described "$work/described"

for processor in amd64 arm64; do
	folder=$work/$name-linux-${processor/amd64/x64}
	mkdir -p "$folder"
	headless linux $processor "$folder/trilobyte" static
	cp -R "$work/described" "$folder/completion-and-manual"
	tarball "$folder"
done
mkdir -p "$work/$name-linux-x64-gpu"
headless linux amd64 "$work/$name-linux-x64-gpu/trilobyte"
cp -R "$work/described" "$work/$name-linux-x64-gpu/completion-and-manual"
tarball "$work/$name-linux-x64-gpu"

if command -v clang >/dev/null && command -v dpkg-shlibdeps >/dev/null && pkg-config --exists gl xcursor xrandr xinerama xi xxf86vm alsa; then
	CC=clang window "$work/trilobyte-window"
	deb amd64 "$work/trilobyte-window"
else
	missing "the .deb with the window" "clang, dpkg-dev or a library"
fi
deb arm64 "$work/$name-linux-arm64/trilobyte"

mkdir -p "$work/$name-macos"
if lipo=$(command -v llvm-lipo || ls /usr/lib/llvm-*/bin/llvm-lipo 2>/dev/null | tail -n 1) && [ -n "$lipo" ]; then
	headless darwin amd64 "$work/macos-amd64"
	headless darwin arm64 "$work/macos-arm64"
	"$lipo" -create "$work/macos-amd64" "$work/macos-arm64" -output "$work/$name-macos/trilobyte"
	cp -R "$work/described" "$work/$name-macos/completion-and-manual"
	tarball "$work/$name-macos"
else
	missing "the program for macOS" "llvm-lipo"
fi

# Windows: the program's resources (icon, version) are linked by the go command from a file of that name.
headless windows amd64 "$work/trilobyte.exe"
mkdir -p "$work/$name-windows-x64-terminal"
cp "$work/trilobyte.exe" "$work/described/trilobyte.ps1" "$work/$name-windows-x64-terminal"
zipped "$work/$name-windows-x64-terminal"
if command -v clang >/dev/null && command -v x86_64-w64-mingw32-gcc >/dev/null; then
	number=${version%%-*}
	GOFLAGS= "$go" run github.com/tc-hib/go-winres@v0.3.3 simply --arch amd64 --icon icon.png --manifest gui \
		--product-name Trilobyte --file-description Trilobyte --original-filename trilobyte-window.exe \
		--product-version "$number" --file-version "$number" --copyright "See LICENSE"
	folder=$work/$name-windows-x64
	mkdir -p "$folder"
	GOOS=windows CC="clang --target=x86_64-w64-mingw32" window "$folder/trilobyte-window.exe" -extld=x86_64-w64-mingw32-gcc -H windowsgui
	rm -f rsrc_windows_*.syso
	cp "$work/trilobyte.exe" "$work/described/trilobyte.ps1" "$folder"
	zipped "$folder"
	if command -v makensis >/dev/null; then
		makensis -V2 -DVERSION="$version" -DNUMBER="$number" -DFOLDER="$folder" -DOUT="$out/$name-windows-x64-setup.exe" packaging/windows/installer.nsi
		say "$name-windows-x64-setup.exe"
	else
		missing "the installer for Windows" "makensis"
	fi
else
	missing "the window for Windows" "clang or mingw"
fi

cd "$out"
sha256sum trilobyte[-_]* >SHA256SUMS
say SHA256SUMS
