#!/bin/sh
# Prints the packages whose tests the race detector has to see: those that start goroutines or guard against them, in their
# files or their tests, and those that are built on such packages, which may be called by their goroutines. In all others,
# which are single-threaded mathematics, it can find nothing, and is ten times slower.
set -eu
cd "$(dirname "$0")/.."
all=$("${GO:-go}" list -tags headless -f '{{.ImportPath}} {{.Dir}} {{join .Deps " "}}' ./...)
concurrent=$(echo "$all" | while read -r package folder rest; do
	if grep -qsE '^[[:space:]]*go [A-Za-z_(]|"sync"|"sync/atomic"|"golang.org/x/sync/' "$folder"/*.go; then
		echo "$package"
	fi
done)
echo "$all" | while read -r package folder rest; do
	for c in $concurrent; do
		case " $package $rest " in *" $c "*)
			echo "$package"
			break
			;;
		esac
	done
done
