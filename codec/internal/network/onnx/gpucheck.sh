#!/bin/sh
# Checks a GPU: the language model on it must give the same bits as on the processor, in batches of every size, and the
# same archive, byte for byte. Prints how fast it is. Needs no network and asks nothing.
#
#   codec/model/onnx/gpucheck.sh PROGRAM DEVICE PATH...
#
#   PROGRAM  the program, made by "ONNXRUNTIME=cuda make onnxruntime", its libraries beside it or where TRILOBYTE_ORT says
#   DEVICE   cuda:0, directml:0, coreml or cpu
#   PATH     WAV files, or folders of them
#
# CUDA's own libraries are found if they are installed, or came with Python packages (nvidia-*), or stand in
# LD_LIBRARY_PATH. The exit code is 0 if all is well.
set -u
[ $# -ge 3 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
program=$1
device=$2
shift 2

for library in $(find / -xdev \( -name 'libcublasLt.so.1[0-9]' -o -name 'libcudart.so.1[0-9]' -o -name 'libcurand.so.10' \
	-o -name 'libcudnn.so.9' -o -name 'libcufft.so.1[0-9]' \) 2>/dev/null); do
	LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(dirname "$library")
done
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
check() { # WHAT COMMAND...
	what=$1
	shift
	: >"$folder/took"
	if "$@"; then result=ok; else result=FAILED failed=1; fi
	printf '%-8s%s %s\n' "$result" "$what" "$(cat "$folder/took")"
}

echo "== the machine"
uname -srm
nproc 2>/dev/null && sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null

echo "== known answers and speed, x real time for 44.1 kHz stereo"
"$program" devices --thorough | tee "$folder/devices"
found() { grep -Eq "^onnx +$device +passed" "$folder/devices"; }
check "$device passes the known-answer test" found

# timed COMMAND... notes how long it takes; what it says goes to $folder/said.
timed() {
	begun=$(date +%s.%N)
	"$@" >"$folder/said" 2>&1
	code=$?
	echo "$(date +%s.%N) $begun" | awk '{ printf "(%.2f s)", $1 - $2 }' >"$folder/took"
	[ $code = 0 ] || cat "$folder/said" >&2
	return $code
}
quiet() { ! grep -q "takes over" "$folder/said" || { cat "$folder/said"; return 1; }; }

echo "== archives"
check "compress with simd" timed "$program" compress "$@" --no-verify --backend simd -o "$folder/simd.trilobyte"
check "compress with $device" timed "$program" compress "$@" --no-verify --device "$device" -o "$folder/device.trilobyte"
check "$device did all of it" quiet
check "the archives are the same, byte for byte" cmp "$folder/simd.trilobyte" "$folder/device.trilobyte"
check "verify with simd what $device made" timed "$program" verify "$folder/device.trilobyte" --backend simd
check "compress with auto" timed "$program" compress "$@" --no-verify -o "$folder/auto.trilobyte"
check "the archive is the same again" cmp "$folder/simd.trilobyte" "$folder/auto.trilobyte"
check "verify with $device what simd made, as far as 4 minutes go" timed sh -c '
	timeout 240 "$1" verify "$2" --device "$3"; code=$?
	[ $code = 124 ] && echo "not finished" && exit 0
	exit $code' sh "$program" "$folder/simd.trilobyte" "$device"
! grep "not finished" "$folder/said"
check "$device did all of it" quiet
exit $failed
