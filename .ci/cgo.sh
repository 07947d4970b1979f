#!/bin/sh
# Prints the packages that are made of other files where there is cgo.
set -eu
cd "$(dirname "$0")/.."
list() {
	CGO_ENABLED=$1 "${GO:-go}" list -tags headless -f '{{.ImportPath}} {{.GoFiles}} {{.CgoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}' ./...
}
without=$(list 0)
with=$(list 1)
printf '%s\n' "$without" "$with" | sort | uniq -u | cut -d ' ' -f 1 | sort -u
