// The kernels of package network that need dot products of bytes.
#include "vectors.h"

#include "layer.h"

// sum_tile computes the sums of a tile. Weights are, for each four inputs, four bytes for each output.
INLINE const uint8_t *sum_tile(int32x4_t *s, int tile, const uint8_t *x, const uint8_t *weights, const int32_t *bias, int32_t more, long fours) {
	uint32x4_t sums[4 * TILE_VECTORS];
	for (int i = 0; i < 4 * tile; i++)
		sums[i] = vreinterpretq_u32_s32(vsubq_s32(vld1q_s32(bias + 4 * i), vdupq_n_s32(more)));
	const uint32_t *four = (const uint32_t *)x;
	for (const uint32_t *end = four + fours; four != end; four++, weights += 4 * OUTPUTS * tile) {
		if (!*four)
			continue;
		uint8x16_t v = vreinterpretq_u8_u32(vdupq_n_u32(*four));
		for (int i = 0; i < 4 * tile; i++)
			sums[i] = vdotq_u32(sums[i], vld1q_u8(weights + 16 * i), v);
	}
	for (int i = 0; i < 4 * tile; i++)
		s[i] = vreinterpretq_s32_u32(sums[i]);
	return weights;
}

// func layerBytesDot(to, x, weights *uint8, bias, shift *int32, fours, vectors int)
void layerBytesDot(uint8_t *to, const uint8_t *x, const uint8_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	int32_t more = sum_bytes(x, fours) << 7;
	LAYER(1, put_bytes, sum_tile)
}

// func layerDot(to *int32, x, weights *uint8, bias, shift *int32, fours, vectors int)
void layerDot(char *to, const uint8_t *x, const uint8_t *weights, const int32_t *bias, const int32_t *shift, long fours, long vectors) {
	int32_t more = sum_bytes(x, fours) << 7;
	LAYER(4, put_ints, sum_tile)
}
