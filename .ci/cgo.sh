#!/bin/sh
# Prints the packages that are made of other files where there is cgo.
set -eu
cd "$(dirname "$0")/.."
for cgo in 0 1; do
	CGO_ENABLED=$cgo "${GO:-go}" list -tags headless -f '{{.ImportPath}} {{.GoFiles}} {{.CgoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}' ./...
done | sort | uniq -u | cut -d ' ' -f 1 | sort -u
