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

// two_inputs adds the products of two inputs, of 8 of the sums.
INLINE void two_inputs(uint32x4_t *sums, const uint8_t *weights, uint8x16_t x) {
	uint8x16_t w = vld1q_u8(weights);
	sums[0] = vpadalq_u16(sums[0], vmull_u8(vget_low_u8(w), vget_low_u8(x)));
	sums[1] = vpadalq_u16(sums[1], vmull_high_u8(w, x));
}

// sum_tile computes the sums of a tile. Weights are, for each two inputs, two bytes for each output.
INLINE const uint8_t *sum_tile(int32x4_t *s, int tile, const uint8_t *x, const uint8_t *weights, const int32_t *bias, int32_t more, long fours) {
	uint32x4_t sums[4 * TILE_VECTORS];
	for (int i = 0; i < 4 * tile; i++)
		sums[i] = vreinterpretq_u32_s32(vsubq_s32(vld1q_s32(bias + 4 * i), vdupq_n_s32(more)));
	const uint32_t *four = (const uint32_t *)x;
	for (const uint32_t *end = four + fours; four != end; four++, weights += 4 * OUTPUTS * tile) {
		if (!*four)
			continue;
		uint16x8_t all = vreinterpretq_u16_u32(vdupq_n_u32(*four));
		uint8x16_t first = vreinterpretq_u8_u16(vdupq_laneq_u16(all, 0)), second = vreinterpretq_u8_u16(vdupq_laneq_u16(all, 1));
		for (int i = 0; i < 2 * tile; i++)
			two_inputs(sums + 2 * i, weights + 16 * i, first);
		for (int i = 0; i < 2 * tile; i++)
			two_inputs(sums + 2 * i, weights + 2 * OUTPUTS * tile + 16 * i, second);
	}
	for (int i = 0; i < 4 * tile; i++)
		s[i] = vreinterpretq_s32_u32(sums[i]);
	return weights;
}

// func layerBytesNEON(to, x, weights *uint8, bias, shift *int32, fours, vectors int)
void layerBytesNEON(uint8_t *to, const uint8_t *x, const uint8_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	int32_t more = sum_bytes(x, fours) << 7;
	LAYER(1, put_bytes, sum_tile)
}

// func layerNEON(to *int32, x, weights *uint8, bias, shift *int32, fours, vectors int)
void layerNEON(char *to, const uint8_t *x, const uint8_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	int32_t more = sum_bytes(x, fours) << 7;
	LAYER(4, put_ints, sum_tile)
}

// four_inputs adds the products of four inputs, of 8 of the sums: two products are added in 16 bits, and one of two more taken off.
INLINE void four_inputs(uint32x4_t *sums, const uint8_t *weights, const uint8_t *more, int8x16_t first, int8x16_t second) {
	int8x16_t w = vreinterpretq_s8_u8(vld1q_u8(weights)), v = vreinterpretq_s8_u8(vld1q_u8(more));
	int16x8_t low = vmlsl_s8(vmull_s8(vget_low_s8(w), vget_low_s8(first)), vget_low_s8(v), vget_low_s8(second));
	int16x8_t high = vmlsl_high_s8(vmull_high_s8(w, first), v, second);
	sums[0] = vreinterpretq_u32_s32(vpadalq_s16(vreinterpretq_s32_u32(sums[0]), low));
	sums[1] = vreinterpretq_u32_s32(vpadalq_s16(vreinterpretq_s32_u32(sums[1]), high));
}

// sum_dense is sum_tile for inputs of which hardly any is 0, and weights with their signs. Two products fit into 16 bits if of one input
// 128 is taken off, and the other is taken off 127; the bias makes up for that.
INLINE const uint8_t *sum_dense(int32x4_t *s, int tile, const uint8_t *x, const uint8_t *weights, const int32_t *bias, int32_t more, long fours) {
	uint32x4_t sums[4 * TILE_VECTORS];
	for (int i = 0; i < 4 * tile; i++)
		sums[i] = vreinterpretq_u32_s32(vsubq_s32(vld1q_s32(bias + 4 * i), vdupq_n_s32(more)));
	const uint32_t *four = (const uint32_t *)x;
	for (const uint32_t *end = four + fours; four != end; four++, weights += 4 * OUTPUTS * tile) {
		uint16x8_t all = vreinterpretq_u16_u32(vdupq_n_u32(*four ^ 0x7F7F8080));
		int8x16_t first = vreinterpretq_s8_u16(vdupq_laneq_u16(all, 0)), second = vreinterpretq_s8_u16(vdupq_laneq_u16(all, 1));
		for (int i = 0; i < 2 * tile; i++)
			four_inputs(sums + 2 * i, weights + 16 * i, weights + 2 * OUTPUTS * tile + 16 * i, first, second);
	}
	for (int i = 0; i < 4 * tile; i++)
		s[i] = vreinterpretq_s32_u32(sums[i]);
	return weights;
}

// func layerBytesDenseNEON(to, x, weights *uint8, bias, shift *int32, fours, vectors int)
void layerBytesDenseNEON(uint8_t *to, const uint8_t *x, const uint8_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	const int32_t more = 0;
	LAYER(1, put_bytes, sum_dense)
}
