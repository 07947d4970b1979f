// The kernels of package mixture.
#include "vectors.h"

#include "logistic.h"

// func belowNEON(mixture, table, x, mass *float64, n int)
void belowNEON(const struct mixture *m, const double *table, const double *x, double *mass, long n) {
	for (long i = 0; i < n; i++)
		mass[i] = mass_below(m, table, x[i]);
}

// sixteenths is fixed.exp2Sixteenths.
static const double sixteenths[16] = {
	1.0, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
	1.189207115002721, 1.241857812073484, 1.2968395546510096, 1.3542555469368927,
	1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
	1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474,
};

// The outputs of the network (mixture/outputs.go).
enum { OFFSETS = 8, SCALES = 16, GATES = 24, DISAGREEMENTS = 16, LOG_LIMIT = 127, OFFSET_LIMIT = 2047, GATE_LIMIT = 1023 };

INLINE int32x4_t limited(int32x4_t v, int most) { return vmaxq_s32(vminq_s32(v, vdupq_n_s32(most)), vdupq_n_s32(-most)); }
INLINE float64x2_t low_numbers(int32x4_t v) { return vcvtq_f64_s64(vmovl_s32(vget_low_s32(v))); }
INLINE float64x2_t high_numbers(int32x4_t v) { return vcvtq_f64_s64(vmovl_high_s32(v)); }

// power is 2^(n/16).
INLINE double power(int32_t n) {
	union {
		uint64_t bits;
		double number;
	} whole = {(uint64_t)(1023 + (n >> 4)) << 52};
	return whole.number * sixteenths[n & 15];
}

// add_gates adds the products of two disagreements with their gates: those of the first set in one lane, of the second in the other.
INLINE f64x2 add_gates(f64x2 shift, float64x2_t first, float64x2_t second, float64x2_t disagreement) {
	float64x2_t a = vmulq_f64(first, disagreement), b = vmulq_f64(second, disagreement);
	shift += vzip1q_f64(a, b);
	return shift + vzip2q_f64(a, b);
}

// func setMixtureNEON(mixture *float64, outputs *int32, disagreement *float32, base, scale float64)
void setMixtureNEON(struct mixture *m, const int32_t *outputs, const float *disagreement, double base, double scale) {
	f64x2 shift = {0};
	for (int i = 0; i < DISAGREEMENTS; i += 4) {
		int32x4_t first = limited(vld1q_s32(outputs + GATES + i), GATE_LIMIT);
		int32x4_t second = limited(vld1q_s32(outputs + GATES + DISAGREEMENTS + i), GATE_LIMIT);
		float32x4_t d = vld1q_f32(disagreement + i);
		shift = add_gates(shift, low_numbers(first), low_numbers(second), vcvt_f64_f32(vget_low_f32(d)));
		shift = add_gates(shift, high_numbers(first), high_numbers(second), vcvt_high_f64_f32(d));
	}
	shift = shift * (1. / 256);
	double inverse = 1 / scale;
	for (int i = 0; i < COMPONENTS; i += 4) {
		int32x4_t offset = limited(vld1q_s32(outputs + OFFSETS + i), OFFSET_LIMIT);
		store2d(&m->centre[i], ((f64x2)low_numbers(offset) * (1. / 64) + shift) * scale + base);
		store2d(&m->centre[i + 2], ((f64x2)high_numbers(offset) * (1. / 64) + shift) * scale + base);
	}
	for (int i = 0; i < COMPONENTS; i += 4) {
		int32x4_t weight = limited(vld1q_s32(outputs + i), LOG_LIMIT), narrow = vnegq_s32(limited(vld1q_s32(outputs + SCALES + i), LOG_LIMIT));
		for (int j = 0; j < 4; j++) {
			m->weight[i + j] = power(weight[j]);
			m->inverse_scale[i + j] = inverse * power(narrow[j]);
		}
	}
}
