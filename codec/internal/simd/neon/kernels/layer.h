// Layers of the network (network/affine.go), a row at a time. A vector is 16 outputs, in four registers; a tile, up to four vectors whose
// sums stay in registers while the inputs go by. Inputs that are 0 are skipped. Weights are bytes to each of which 128 is added, so that
// they have no sign, as the inputs have none; 128 times the sum of all inputs is taken off.

enum { OUTPUTS = 16, TILE_VECTORS = 4 };


// shifted returns floor(sum / 2^shift).
INLINE int32x4_t shifted(int32x4_t sum, const int32_t *shift) { return vshlq_s32(sum, vnegq_s32(vld1q_s32(shift))); }

// put_bytes stores the 16 outputs of a vector, limited to 0..255, and put_ints as they are.
INLINE void put_bytes(void *to, const int32x4_t v[4]) {
	uint16x8_t low = vcombine_u16(vqmovun_s32(v[0]), vqmovun_s32(v[1])), high = vcombine_u16(vqmovun_s32(v[2]), vqmovun_s32(v[3]));
	vst1q_u8(to, vcombine_u8(vqmovn_u16(low), vqmovn_u16(high)));
}

INLINE void put_ints(void *to, const int32x4_t v[4]) {
	for (int i = 0; i < 4; i++)
		vst1q_s32((int32_t *)to + 4 * i, v[i]);
}

// sum_bytes returns the sum of all inputs.
INLINE uint32_t sum_bytes(const uint8_t *x, long fours) {
	uint32_t sum = 0;
	for (; fours >= 4; fours -= 4, x += 16)
		sum += vaddlvq_u8(vld1q_u8(x));
	for (long i = 0; i < 4 * fours; i++)
		sum += x[i];
	return sum;
}

// LAYER computes a row tile by tile, with a function that computes the sums of a tile.
#define LAYER(size, put, sum_tile)                                                                             \
	for (; vectors > 0; vectors -= TILE_VECTORS) {                                                   \
		int32x4_t s[4 * TILE_VECTORS];                                                               \
		if (vectors >= 4) {                                                                          \
			LAYER_TILE(4, size, put, sum_tile)                                                                 \
		} else if (vectors == 3) {                                                                   \
			LAYER_TILE(3, size, put, sum_tile)                                                                 \
		} else if (vectors == 2) {                                                                   \
			LAYER_TILE(2, size, put, sum_tile)                                                                 \
		} else {                                                                                     \
			LAYER_TILE(1, size, put, sum_tile)                                                                 \
		}                                                                                            \
		bias += OUTPUTS * TILE_VECTORS, shift += OUTPUTS * TILE_VECTORS, to += OUTPUTS * TILE_VECTORS * size; \
	}

#define LAYER_TILE(tile, size, put, sum_tile)                                  \
	weights = sum_tile(s, tile, x, weights, bias, more, fours);      \
	for (int i = 0; i < 4 * tile; i++)             \
		s[i] = shifted(s[i], shift + 4 * i);                         \
	for (int i = 0; i < tile; i++)                 \
		put(to + OUTPUTS * size * i, s + 4 * i);
