// What the kernel needs of a GPU. The emulator has the same for a processor.
#pragma once
#ifdef EMULATED
#include "../emulator/program/emulator.h"
#else
typedef unsigned char uint8_t;
typedef signed char int8_t;
typedef unsigned short uint16_t;
typedef short int16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;
#define DEVICE static __device__ __forceinline__
// RARE is for what is seldom called: it must not take registers from what is called for every sample.
#define RARE static __device__ __noinline__
#define ROLE static __device__ __noinline__
#define DEVICE_METHOD __device__ __forceinline__

DEVICE int thread() { return int(threadIdx.x); }
DEVICE int block() { return int(blockIdx.x); }
DEVICE char *shared_memory() {
	extern __shared__ char raw[];
	return raw;
}

template <class T> DEVICE T shuffle(T v, int source) { return __shfl_sync(~0u, v, source); }
template <class T> DEVICE T shuffle_xor(T v, int mask) { return __shfl_xor_sync(~0u, v, mask); }
DEVICE unsigned ballot(bool p) { return __ballot_sync(~0u, p); }
DEVICE void sync_warp() { __syncwarp(); }
DEVICE void barrier_sync(int id, int n) { asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(n) : "memory"); }
DEVICE void barrier_arrive(int id, int n) { asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(n) : "memory"); }

// dot4 adds the products of four unsigned and four signed bytes to c.
DEVICE int dot4(uint32_t a, uint32_t b, int c) {
	int d;
	asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
	return d;
}
// anew returns a number of which the compiler does not know what it is: what follows from it is not kept from one sample to the next, for which
// there are not registers enough, but worked out again.
DEVICE int anew(int x) {
	asm volatile("" : "+r"(x));
	return x;
}
DEVICE uint64_t bits_of(double x) { return __double_as_longlong(x); }
DEVICE double from_bits(uint64_t u) { return __longlong_as_double(u); }

// Approximations, for guesses alone: nothing that is coded depends on them.
DEVICE float about_exp2(float x) { float r; asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x)); return r; }
DEVICE float about_inverse(float x) { float r; asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x)); return r; }
DEVICE float about_log2(float x) { float r; asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x)); return r; }

DEVICE int leading_zeros(uint64_t x) { return __clzll(x); }
// once reads what a step needs once: it must not drive out of the nearest cache what is needed more often.
DEVICE uint4 once(const uint4 *p) {
	uint4 r;
	asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(r.x), "=r"(r.y), "=r"(r.z), "=r"(r.w) : "l"(p));
	return r;
}
template <class T> DEVICE T read_only(const T *p) { return __ldg(p); }
#endif
