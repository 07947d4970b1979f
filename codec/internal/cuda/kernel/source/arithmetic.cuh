// Arithmetic that is the same everywhere: codec/internal/fixed in Go.
#pragma once
#include "layout.cuh"

// log32 is fixed.Log2.
DEVICE int log32(const uint8_t *table, double x) {
	if (!(x > 0x1p-1022)) return -1022 * 32;
	uint64_t b = bits_of(x);
	return (int(b >> 52) - 1023) * 32 + table[int(b >> 46) & 63];
}
// pow08 is fixed.PowMinus08.
DEVICE double pow08(const double *exp20, double x) {
	int steps = 4000 * 20 + 1023 * 16 - int(bits_of(x) >> 48);
	int octave = steps / 20 - 4000, step = steps % 20;
	return from_bits(uint64_t(1023 + octave) << 52) * exp20[step];
}
// exp2of16 is fixed.Exp2 for small numbers.
DEVICE double exp2of16(const double *exp16, int n) { return from_bits(bits_of(exp16[n & 15]) + (uint64_t(int64_t(n >> 4)) << 52)); }

DEVICE int limited(int v, int most) { return v > most ? most : v < -most ? -most : v; }
DEVICE int level(int v) { return (v < -128 ? -128 : v > 127 ? 127 : v) + 128; }
DEVICE double absolute(double x) { return x < 0 ? -x : x; }
DEVICE double clamp(double x, double low, double high) { return !(x > low) ? low : x > high ? high : x; }
DEVICE int signed_log(const uint8_t *table, double x) {
	int l = log32(table, 1.0 + 4.0 * absolute(x)) >> 2;
	return level(x < 0 ? -l : l);
}
// slot is where the sample of a frame is in a ring of 64, of which the newest come first.
DEVICE int slot(int frame) { return 63 - (frame & 63); }

// fold8 adds up 8 lanes as simd.Fold8, fold16 and fold32 as the filters and the tones do.
template <class T> DEVICE T fold8(T s) {
	s = s + shuffle_xor(s, 4);
	s = s + shuffle_xor(s, 2);
	return s + shuffle_xor(s, 1);
}
template <class T> DEVICE T fold16(T s) { return fold8(s + shuffle_xor(s, 8)); }
template <class T> DEVICE T fold32(T s) { return fold16(s + shuffle_xor(s, 16)); }

// Barriers, by name. Those of a channel take two numbers. The least squares share tones by KNOWN when encoding, which does not need it
// otherwise, and by TAKEN when decoding.
enum {
	CHAIN = 1, OUTPUTS, FILTER_GO, FILTERS_DONE = 5, SQUARES_DONE = 7, KNOWN = 9, FILTERS, SQUARES_GO, LAST_LAYER = 13, QUEUED, ALL = 15, TAKEN = 0,
};
// The warps of each role. Ten warps of two blocks leave each thread 96 registers; an encoder is the tenth one.
enum { CHAIN_WARPS = 4, DECODING = CHAIN_WARPS + 3 + SWARPS, ENCODING = CHAIN_WARPS + 2 + SWARPS + 1 };
DEVICE constexpr int filter_warps(bool encoding) { return encoding ? 2 : 3; }

// Step is where the chain is: channel by channel, frame by frame.
struct Turn {
	int channel, frame;
	int before, before_frame; // what was coded last
};
// may_stop says whether the kernel may end after a step, if it is to stop.
DEVICE bool may_stop(const Turn &now, int channels) { return (now.frame & 2047) == 2047 && now.channel == channels - 1; }
DEVICE Turn turn(int step, int channels) {
	if (channels == 1) return {0, step, 0, step - 1};
	int c = step & 1, t = step >> 1;
	return {c, t, 1 - c, c ? t : t - 1};
}
