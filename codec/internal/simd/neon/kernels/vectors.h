// Vectors of numbers for the kernels. The 16 lanes of float32 are four vectors of four, the 8 of float64 four of two; of a longer vector the
// compiler makes so many registers. It computes every lane as plain Go does: + - * / and roots of single numbers, in the order written.
#ifndef VECTORS_H
#define VECTORS_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));
typedef double f64x4 __attribute__((vector_size(32)));
typedef double f64x8 __attribute__((vector_size(64)));
typedef double f64x16 __attribute__((vector_size(128)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));

// Vectors anywhere in memory.
typedef struct __attribute__((packed, may_alias, aligned(4))) { f32x4 v; } f32x4_at;
typedef struct __attribute__((packed, may_alias, aligned(8))) { f64x2 v; } f64x2_at;
typedef struct __attribute__((packed, may_alias, aligned(8))) { f64x4 v; } f64x4_at;
typedef struct __attribute__((packed, may_alias, aligned(8))) { f64x8 v; } f64x8_at;

typedef struct __attribute__((packed, may_alias, aligned(8))) { f64x16 v; } f64x16_at;

#define INLINE static inline __attribute__((always_inline))

INLINE f32x4 load4(const float *p) { return ((const f32x4_at *)p)->v; }
INLINE void store4(float *p, f32x4 v) { ((f32x4_at *)p)->v = v; }
INLINE f64x2 load2d(const double *p) { return ((const f64x2_at *)p)->v; }
INLINE void store2d(double *p, f64x2 v) { ((f64x2_at *)p)->v = v; }
INLINE f64x4 load4d(const double *p) { return ((const f64x4_at *)p)->v; }
INLINE void store4d(double *p, f64x4 v) { ((f64x4_at *)p)->v = v; }
INLINE f64x8 load8d(const double *p) { return ((const f64x8_at *)p)->v; }
INLINE void store8d(double *p, f64x8 v) { ((f64x8_at *)p)->v = v; }
INLINE f64x16 load16d(const double *p) { return ((const f64x16_at *)p)->v; }
INLINE void store16d(double *p, f64x16 v) { ((f64x16_at *)p)->v = v; }

// apart has the compiler take an address for one that it knows nothing of, so that it loads vectors from there in pairs.
INLINE const float *apart(const float *p) {
	__asm__("" : "+r"(p));
	return p;
}

// in_order has the compiler compute two sums before it loads what comes next, so that it does not run out of registers.
INLINE void in_order(f64x2 *a, f64x2 *b) { __asm__ volatile("" : "+w"(*a), "+w"(*b) : : "memory"); }

// anew has the compiler load again what it needs from memory, rather than keep more than there are registers.
INLINE void anew(void) { __asm__ volatile("" : : : "memory"); }

// fold8 adds 8 lanes up in halves, as simd.Fold8 does.
INLINE double fold8(f64x8 s) {
	f64x2 a = __builtin_shufflevector(s, s, 0, 1), b = __builtin_shufflevector(s, s, 2, 3);
	f64x2 c = __builtin_shufflevector(s, s, 4, 5), d = __builtin_shufflevector(s, s, 6, 7);
	f64x2 two = (a + c) + (b + d);
	return two[0] + two[1];
}

#endif
