// The kernels of package network.
#include "vectors.h"

#include "layer.h"

// func updateAveragesNEON(state, rates *int32, units, to *uint8, n int)
void updateAveragesNEON(int32_t *state, const int32_t *rates, const uint8_t *units, uint8_t *to, long n) {
	for (long i = 0; i < n; i += 16) {
		uint8x16_t bytes = vld1q_u8(units + i);
		uint16x8_t words[2] = {vmovl_u8(vget_low_u8(bytes)), vmovl_high_u8(bytes)};
		uint16x8_t rounded[2];
		for (int k = 0; k < 2; k++) {
			int32x4_t unit[2] = {
				vreinterpretq_s32_u32(vshll_n_u16(vget_low_u16(words[k]), 16)),
				vreinterpretq_s32_u32(vshll_high_n_u16(words[k], 16)),
			};
			uint16x4_t half[2];
			for (int j = 0; j < 2; j++) {
				long at = i + 8 * k + 4 * j;
				int32x4_t s = vld1q_s32(state + at);
				s = vaddq_s32(s, shifted(vsubq_s32(unit[j], s), rates + at));
				vst1q_s32(state + at, s);
				half[j] = vmovn_u32(vreinterpretq_u32_s32(vshrq_n_s32(vaddq_s32(s, vdupq_n_s32(1 << 15)), 16)));
			}
			rounded[k] = vcombine_u16(half[0], half[1]);
		}
		vst1q_u8(to + i, vcombine_u8(vmovn_u16(rounded[0]), vmovn_u16(rounded[1])));
	}
}

// sum_tile computes the sums of a tile. Weights are words, for each input those of all its outputs.
INLINE const int16_t *sum_tile(int32x4_t *s, int tile, const uint8_t *x, const int16_t *weights, const int32_t *bias, int more, long fours) {
	(void)more;
	for (int i = 0; i < 4 * tile; i++)
		s[i] = vld1q_s32(bias + 4 * i);
	for (const uint8_t *end = x + 4 * fours; x != end; x++, weights += OUTPUTS * tile) {
		if (!*x)
			continue;
		int16x4_t v = vdup_n_s16(*x);
		for (int i = 0; i < 2 * tile; i++) {
			int16x8_t w = vld1q_s16(weights + 8 * i);
			s[2 * i] = vmlal_s16(s[2 * i], vget_low_s16(w), v);
			s[2 * i + 1] = vmlal_high_s16(s[2 * i + 1], w, vcombine_s16(v, v));
		}
	}
	return weights;
}

// func layerBytesNEON(to, x *uint8, weights *int16, bias, shift *int32, fours, vectors int)
void layerBytesNEON(uint8_t *to, const uint8_t *x, const int16_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	const int more = 0;
	LAYER(1, put_bytes)
}

// func layerNEON(to *int32, x *uint8, weights *int16, bias, shift *int32, fours, vectors int)
void layerNEON(char *to, const uint8_t *x, const int16_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	const int more = 0;
	LAYER(4, put_ints)
}
