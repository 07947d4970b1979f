#!/bin/sh
# Runs each fuzz target for as long as it is told: .ci/fuzz.sh 10m
set -eu
cd "$(dirname "$0")/.."
grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9]*' . | while IFS=: read -r file target; do
	target=${target#func }
	echo "Fuzzing $target in $(dirname "$file")"
	"${GO:-go}" test -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 10x "$(dirname "$file")" </dev/null
done
