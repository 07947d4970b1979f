#!/bin/sh
# Checks the code of the window, makes it, and drives it on a virtual screen. Screenshots go to build/screenshots.
set -eu
cd "$(dirname "$0")/../.."
sh setup/packages.sh window screen || true
for tool in clang pkg-config Xvfb openbox; do
	command -v $tool >/dev/null || {
		echo "SKIPPED: the tests of the real window, because $tool is not here and could not be installed."
		exit 0
	}
done
go=${GO:-go}
# check runs a command with the flags of make window, so that all is compiled once.
check() { CC=clang CGO_ENABLED=1 GOFLAGS="${GOFLAGS:-} -trimpath" "$@"; }
check "$go" vet . ./ui/...
check "$go" vet -tags window ./ui/windowtest
check "$go" tool staticcheck . ./ui/...
MAKEFLAGS= make --no-print-directory window
"$go" test -tags window,headless -vet=off -count=1 -timeout 20m ./ui/windowtest
