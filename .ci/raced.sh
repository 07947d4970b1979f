#!/bin/sh
# Prints the packages whose tests the race detector has to see: those that start goroutines, in their files or their tests, and
# those that are built on packages that do, which may be called by these goroutines. In all others, which do one thing after
# the other, it can find nothing, and is ten times slower.
set -eu
cd "$(dirname "$0")/.."
# starting prints which of some files start goroutines.
starting() { grep -lsE '^[[:space:]]*go [A-Za-z_(]|\.Go\(|\.Parallel\(' "$@" || true; }
all=$("${GO:-go}" list -tags headless -f '{{.ImportPath}} {{.Dir}} {{join .Deps " "}}' ./...)
starters=$(echo "$all" | while read -r package folder rest; do
	[ -z "$(starting "$folder"/*.go | grep -v '_test\.go$')" ] || echo "$package"
done)
echo "$all" | while read -r package folder rest; do
	if [ -n "$(starting "$folder"/*_test.go)" ]; then
		echo "$package"
		continue
	fi
	for s in $starters; do
		case " $package $rest " in *" $s "*)
			echo "$package"
			break
			;;
		esac
	done
done
