#!/bin/sh
# Builds the program twice, in different places and without each other's caches, and compares.
#
# The same commit must give the same bytes, wherever it is built: nobody has to trust whoever built the program.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/reproducible
for place in one another/place; do
	mkdir -p build/reproducible/$place
	git ls-files -z | xargs -0 cp --parents -t build/reproducible/$place
	echo "Building in build/reproducible/$place"
	GOCACHE=$PWD/build/reproducible/cache-$(basename $place) make --no-print-directory -C build/reproducible/$place build
done
cmp build/reproducible/one/build/trilobyte build/reproducible/another/place/build/trilobyte
echo "Both are the same: $(sha256sum <build/reproducible/one/build/trilobyte)"
rm -rf build/reproducible
