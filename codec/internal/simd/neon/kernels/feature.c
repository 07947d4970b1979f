// The kernels of package feature.
#include "vectors.h"

// log_table is fixed.log2Mantissa.
static const uint8_t log_table[64] = {
	0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10,
	11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 17, 17, 18, 18, 18,
	19, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24, 24, 25, 25, 26,
	26, 26, 27, 27, 28, 28, 28, 29, 29, 30, 30, 30, 31, 31, 31, 32,
};

INLINE uint8x16x4_t load_log_table(void) {
	uint8x16x4_t t = {{vld1q_u8(log_table), vld1q_u8(log_table + 16), vld1q_u8(log_table + 32), vld1q_u8(log_table + 48)}};
	return t;
}

// logs_of returns fixed.Log2 of four numbers. The upper half of a number has all that it needs; the logarithm of the smallest normal
// number is that of all that are not above it.
INLINE int32x4_t logs_of(uint8x16x4_t table, float64x2_t low, float64x2_t high) {
	const float64x2_t smallest = vdupq_n_f64(0x1p-1022);
	uint32x4_t normal = vcombine_u32(vmovn_u64(vcgtq_f64(low, smallest)), vmovn_u64(vcgtq_f64(high, smallest)));
	uint32x4_t upper = vuzp2q_u32(vreinterpretq_u32_f64(low), vreinterpretq_u32_f64(high));
	// Indices beyond the table, as of all bytes but the lowest of each word here, give 0.
	uint32x4_t index = vorrq_u32(vandq_u32(vshrq_n_u32(upper, 14), vdupq_n_u32(63)), vdupq_n_u32(0xFFFFFF00));
	uint32x4_t part = vreinterpretq_u32_u8(vqtbl4q_u8(table, vreinterpretq_u8_u32(index)));
	int32x4_t whole = vreinterpretq_s32_u32(vshlq_n_u32(vsubq_u32(vshrq_n_u32(upper, 20), vdupq_n_u32(1023)), 5));
	return vbslq_s32(normal, vaddq_s32(whole, vreinterpretq_s32_u32(part)), vdupq_n_s32(-1022 * 32));
}

// signed_levels returns the logarithms of four numbers on a signed axis, with 128 added, 16 bits each.
INLINE uint16x4_t signed_levels(uint8x16x4_t table, float64x2_t low, float64x2_t high) {
	const f64x2 four = {4, 4}, one = {1, 1};
	int32x4_t size = logs_of(table, one + four * vabsq_f64(low), one + four * vabsq_f64(high));
	int32x4_t sign = vshrq_n_s32(vreinterpretq_s32_u32(vuzp2q_u32(vreinterpretq_u32_f64(low), vreinterpretq_u32_f64(high))), 31);
	size = vsubq_s32(veorq_s32(vshrq_n_s32(size, 2), sign), sign);
	size = vminq_s32(vmaxq_s32(size, vdupq_n_s32(-128)), vdupq_n_s32(127));
	return vmovn_u32(vreinterpretq_u32_s32(vaddq_s32(size, vdupq_n_s32(128))));
}

// func signedLogsNEON(x *float64, to *uint8, n int, scale float64)
void signedLogsNEON(const double *x, uint8_t *to, long n, double scale) {
	uint8x16x4_t table = load_log_table();
	for (long i = 0; i < n; i += 8) {
		uint16x4_t low = signed_levels(table, load2d(x + i) * scale, load2d(x + i + 2) * scale);
		uint16x4_t high = signed_levels(table, load2d(x + i + 4) * scale, load2d(x + i + 6) * scale);
		vst1_u8(to + i, vmovn_u16(vcombine_u16(low, high)));
	}
}

// clamp limits numbers; what is not a number becomes low.
INLINE f64x2 clamp(f64x2 v, f64x2 low, f64x2 high) {
	float64x2_t above = vbslq_f64(vcgtq_f64(v, low), v, low);
	return vbslq_f64(vcgtq_f64(above, high), high, above);
}

INLINE f64x2 learn(f64x2 miss, f64x2 distance, const double *share) { return miss + (distance - miss) * load2d(share); }

// func learnMissesNEON(seen, miss, share *float64, n, all int, sample, base, low, high float64)
void learnMissesNEON(const double *seen, double *miss, const double *share, long n, long all, double sample, double base, double low, double high) {
	f64x2 samples = {sample, sample}, lows = {low, low}, highs = {high, high}, bases = {base, base};
	long i = 0;
	for (; i < n; i += 2)
		store2d(miss + i, learn(load2d(miss + i), vabsq_f64(samples - clamp(load2d(seen + i), lows, highs)), share + i));
	f64x2 distance = vabsq_f64(samples - clamp(bases, lows, highs));
	for (; i < all; i += 2)
		store2d(miss + i, learn(load2d(miss + i), distance, share + i));
}

// miss_logs returns MissLog of four mean errors, and of what is not a number.
INLINE int32x4_t miss_logs(uint8x16x4_t table, const double *miss) {
	const f64x2 least = {1. / 4096, 1. / 4096};
	return logs_of(table, vmaxq_f64(load2d(miss), least), vmaxq_f64(load2d(miss + 2), least));
}

// func describeNEON(seen, miss *float64, differences *float32, levels *uint8, logs *int32, n int, base, scale, limit float64)
void describeNEON(const double *seen, const double *miss, float *differences, uint8_t *levels, int32_t *logs, long n, double base, double scale,
	double limit) {
	uint8x16x4_t table = load_log_table();
	f64x2 low = {-limit, -limit}, high = {limit, limit};
	int32x4_t all = vdupq_laneq_s32(miss_logs(table, miss + n), 0);
	for (long i = 0; i < n; i += 4) {
		f64x2 a = clamp((load2d(seen + i) - base) * scale, low, high), b = clamp((load2d(seen + i + 2) - base) * scale, low, high);
		vst1q_f32(differences + i, vcvt_high_f32_f64(vcvt_f32_f64(a), b));
		int32x4_t level = vshlq_n_s32(vsubq_s32(miss_logs(table, miss + i), all), 1);
		level = vaddq_s32(vminq_s32(vmaxq_s32(level, vdupq_n_s32(-128)), vdupq_n_s32(127)), vdupq_n_s32(128));
		// A logarithm and a level are neighbours: 8 bits each.
		uint16x4_t pairs = vorr_u16(signed_levels(table, a, b), vshl_n_u16(vmovn_u32(vreinterpretq_u32_s32(level)), 8));
		vst1_u8(levels + 2 * i, vreinterpret_u8_u16(pairs));
	}
	vst1q_s32(logs, miss_logs(table, miss + n + 1));
	vst1q_s32(logs + 4, miss_logs(table, miss + n + 5));
}
