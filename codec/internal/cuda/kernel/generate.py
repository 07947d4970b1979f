"""Compiles CUDA C++ to PTX with NVRTC: generate.py SOURCE DEFINES [OUT]. DEFINES is a file of macros, NAME=VALUE each.

Without OUT, the PTX is printed. OUT gets it packed, unless it has it already. NVRTC orders some instructions by where its memory happens to lie: what
OUT has is right if it is what comes out of one of some attempts.
"""

import ctypes
import gzip
import os
import subprocess
import sys

import nvidia.cuda_nvrtc

ATTEMPTS = 10
OPTIONS = [
    "--gpu-architecture=compute_80",  # Ampere, and what is newer
    "--fmad=false",  # the format's arithmetic has no fused multiplication and addition
    "--std=c++17",
    "--device-as-default-execution-space",
]


def compiled(source, defines):
    """Returns the PTX."""
    folder = os.path.join(nvidia.cuda_nvrtc.__path__[0], "lib")
    nvrtc = ctypes.CDLL(os.path.join(folder, "libnvrtc.so.12"))
    options = OPTIONS + ["--include-path=" + os.path.dirname(source)] + ["-D" + d for d in open(defines).read().split()]
    program = ctypes.c_void_p()

    def text(size_of, get):
        size = ctypes.c_size_t()
        size_of(program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        get(program, buffer)
        return buffer.value

    with open(source, "rb") as f:
        code = f.read()
    if nvrtc.nvrtcCreateProgram(ctypes.byref(program), code, os.path.basename(source).encode(), 0, None, None):
        sys.exit("NVRTC does not begin")
    arguments = (ctypes.c_char_p * len(options))(*(o.encode() for o in options))
    if nvrtc.nvrtcCompileProgram(program, len(options), arguments):
        sys.exit(text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog).decode())
    return text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)


def generate(source, defines, out):
    """Packs the PTX into OUT, unless it is there."""
    there = None
    if os.path.exists(out):
        with gzip.open(out) as f:
            there = f.read()
    for _ in range(ATTEMPTS if there else 1):
        ptx = subprocess.run([sys.executable, __file__, source, defines], check=True, stdout=subprocess.PIPE).stdout
        if ptx == there:
            return
    with open(out, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as packed:
        packed.write(ptx)


if len(sys.argv) > 3:
    generate(*sys.argv[1:])
else:
    sys.stdout.buffer.write(compiled(*sys.argv[1:]))
