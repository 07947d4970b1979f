#!/bin/sh
# Makes the model of a preset from recordings: training/train.sh PRESET DATA [ARGUMENTS of train.py]
#
# PYTHON names the Python to use, one that has numpy, onnx and torch. Without it, python3 is used if it has them, and else one in
# .venv, where they are installed first. Without Go, build/training/rows has to be there already.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
rows=build/training/rows

[ $# -ge 2 ] && [ -n "$1" ] && [ -n "$2" ] || {
	echo "Say what to make, and of what: make train PRESET=fast, default or max DATA=folder" >&2
	exit 2
}

has_torch() { "$1" -c 'import numpy, onnx, torch' 2>/dev/null; }
python=${PYTHON:-python3}
if ! has_torch "$python"; then
	[ -z "${PYTHON:-}" ] || { echo "$PYTHON lacks numpy, onnx or torch." >&2 && exit 1; }
	sh setup/python.sh training/requirements.txt
	python=.venv/bin/python
fi

if command -v "$go" >/dev/null; then
	"$go" build -o $rows ./training/rows
elif [ ! -x $rows ]; then
	echo "Without Go, make $rows elsewhere: CGO_ENABLED=0 go build -o $rows ./training/rows" >&2
	exit 1
fi

"$python" training/train.py "$@"
model=build/training/$1/model.onnx
if command -v "$go" >/dev/null && [ -e "$model" ]; then
	described=$("$go" run ./training/describe "$model") # it fails if the program does not take the model
	echo "$described" | head -n 1
fi
echo "Try it with trilobyte compress --model $model. To build it in, copy it to assets/models/$1.onnx (see assets/model.md)."
