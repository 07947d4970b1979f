#!/bin/sh
# Has an emulated ARM64 processor use what is in the .tar.gz for it, unpacked elsewhere: it archives, verifies and restores the demo,
# and the archive must be that of the program for x64, byte for byte. Before, it runs scripts that test the command line.
#
# usage: packaging/linux/arm64.sh FILE-linux-arm64.tar.gz short|all     (short: the preset fast, and scripts about files; all: also
# the default preset, and all scripts)
#
# dist/ has the file after make packages, and that for x64 beside it.
set -eu
package=$(realpath "$1") presets=fast scripts='compress|compress_errors|restore'
[ "$2" = short ] || presets="fast default" scripts='.*'
cd "$(dirname "$0")/../.."
sh setup/packages.sh arm64 || true
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || {
	echo "SKIPPED: the package for ARM64, because there is no qemu-user here and it could not be installed."
	exit 0
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for file in "$package" "${package%-arm64.tar.gz}-x64.tar.gz"; do
	tar -xzf "$file" -C "$dir"
done
x64=$(echo "$dir"/*-linux-x64/trilobyte)
arm64() { "$qemu" "$dir"/*-linux-arm64/trilobyte "$@"; }
cp -R testdata/demo "$dir/demo"

echo "On ARM64 (emulated):"
export CGO_ENABLED=0
go=${GO:-go}
mkdir "$dir/bin"
GOARCH=arm64 "$go" test -tags headless -c -o "$dir/tests" ./app/cli
cat >"$dir/bin/trilobyte" <<END
#!/bin/sh
exec '$qemu' -0 trilobyte '$dir/tests' "\$@"
END
chmod +x "$dir/bin/trilobyte"
TRILOBYTE_PROGRAM=$dir/bin "$go" test -tags headless -count=1 -run "^TestScripts\$/^($scripts)\$" ./app/cli

arm64 --version | head -n 2
for preset in $presets; do
	(
		cd "$dir"
		mkdir "$preset"
		arm64 compress demo --preset "$preset" --no-verify -o "$preset/demo.trilobyte" >/dev/null
		arm64 verify "$preset/demo.trilobyte"
		arm64 restore "$preset/demo.trilobyte" -C "$preset/back" >/dev/null
		diff -r demo "$preset/back/demo"
		"$x64" compress demo --preset "$preset" --no-verify -o "$preset/x64.trilobyte" >/dev/null
		cmp "$preset/x64.trilobyte" "$preset/demo.trilobyte"
		! find . -name '.trilobyte-*' | grep . || { echo "These temporary files are left." >&2; exit 1; }
	)
	echo "$preset: all came back the same, and the archive is the one that x64 makes"
done
