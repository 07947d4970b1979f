#!/bin/sh
# Compiles the kernel to PTX, anew for each preset: presets/NAME.defines says how, presets/NAME.ptx.gz is what comes out.
#
# It takes NVRTC, the compiler that NVIDIA's drivers have no part of, from the Python package in requirements.txt: in .venv, or where
# the environment variable PYTHON has it. Where it cannot be had (it exists for Linux and Windows on x64), what is there stays.
set -eu
cd "$(dirname "$0")"
if [ -z "${PYTHON:-}" ]; then
	root=../../../..
	sh $root/setup/python.sh codec/internal/cuda/kernel/requirements.txt || {
		echo "SKIPPED: compiling the kernel for GPUs, which needs Python with NVRTC."
		exit 0
	}
	PYTHON=$root/.venv/bin/python
fi
for defines in presets/*.defines; do
	"$PYTHON" generate.py source/codec.cu "$defines" "${defines%.defines}.ptx.gz"
done
