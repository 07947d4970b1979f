"""Compiles CUDA C++ to PTX with NVRTC: generate.py SOURCE DEFINES OUT. DEFINES is a file of macros, NAME=VALUE each."""

import ctypes
import gzip
import os
import sys

import nvidia.cuda_nvrtc

OPTIONS = [
    "--gpu-architecture=compute_80",  # Ampere, and what is newer
    "--fmad=false",  # the format's arithmetic has no fused multiplication and addition
    "--std=c++17",
    "--device-as-default-execution-space",
]


def main(source, defines, out):
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
    failed = nvrtc.nvrtcCompileProgram(program, len(options), arguments)
    if failed:
        sys.exit(text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog).decode())
    ptx = text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)
    if os.path.exists(out):
        with gzip.open(out) as f:
            if f.read() == ptx:
                return  # other versions of zlib pack it in other ways
    with open(out, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as packed:
        packed.write(ptx)


main(*sys.argv[1:])
