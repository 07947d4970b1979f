// What the kernel needs of a GPU, on a processor: the threads of one block are fibers of one thread, so that its source runs, and is tested,
// where there is no GPU.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define __device__
#define __global__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define DEVICE static inline
#define DEVICE_METHOD inline
#define RARE static
#define ROLE static

// Aligned as on a GPU, so that all structures are the same.
#ifdef COUNTED
#include "counted.h"
#else
struct alignas(16) uint4 { uint32_t x, y, z, w; };
#endif
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
static inline float2 make_float2(float a, float b) { return {a, b}; }
static inline float4 make_float4(float a, float b, float c, float d) { return {a, b, c, d}; }
static inline double2 make_double2(double a, double b) { return {a, b}; }

#ifdef COUNTED
// Counts are what the lanes of all warps have done, together, and what each warp has.
struct Counts { uint64_t all[KINDS], warps[32][KINDS]; };
extern Counts emulated_counts;
void emulate_global(int number, const void *from, size_t size); // says where memory is that is not shared
#endif

extern int emulated_thread, emulated_block;
extern char *emulated_shared;
uint64_t emulate_shuffle(uint64_t v, int source); // all lanes of a warp call it, as all functions below
unsigned emulate_ballot(bool p);
void emulate_syncwarp();
void emulate_barrier(int id, int threads, bool wait);

DEVICE int thread() { return emulated_thread; }
DEVICE int block() { return emulated_block; }
DEVICE char *shared_memory() { return emulated_shared; }

template <class T> DEVICE T shuffle(T v, int source) {
	uint64_t x = 0;
	memcpy(&x, &v, sizeof(T));
	x = emulate_shuffle(x, source & 31);
	T r;
	memcpy(&r, &x, sizeof(T));
	return r;
}
template <class T> DEVICE T shuffle_xor(T v, int mask) { return shuffle(v, (emulated_thread & 31) ^ mask); }
DEVICE unsigned ballot(bool p) { return emulate_ballot(p); }
DEVICE void sync_warp() { emulate_syncwarp(); }
DEVICE void barrier_sync(int id, int n) { emulate_barrier(id, n, true); }
DEVICE void barrier_arrive(int id, int n) { emulate_barrier(id, n, false); }
DEVICE int dot4(uint32_t a, uint32_t b, int c) {
#ifdef COUNTED
	emulate_count(DOTS, 1);
#endif
	for (int i = 0; i < 4; i++) c += int(a >> 8 * i & 255) * int(int8_t(b >> 8 * i));
	return c;
}
DEVICE int anew(int x) { return x; }
DEVICE uint64_t bits_of(double x) { uint64_t u; memcpy(&u, &x, 8); return u; }
DEVICE double from_bits(uint64_t u) { double x; memcpy(&x, &u, 8); return x; }
DEVICE float about_exp2(float x) { return exp2f(x); }
DEVICE float about_inverse(float x) { return 1 / x; }
DEVICE float about_log2(float x) { return log2f(x); }
DEVICE int leading_zeros(uint64_t x) { return x ? __builtin_clzll(x) : 64; }
template <class T> DEVICE T once(const T *p) { return *p; }
template <class T> DEVICE T read_only(const T *p) { return *p; }
