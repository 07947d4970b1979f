// The network (codec/internal/network), by 128 threads.
#pragma once
#include "arithmetic.cuh"

struct Sums { int a, b, c, d; };
DEVICE void multiply(Sums &s, uint4 x, uint4 w) {
	s.a = dot4(x.x, w.x, s.a), s.b = dot4(x.y, w.y, s.b), s.c = dot4(x.z, w.z, s.c), s.d = dot4(x.w, w.w, s.d);
}
DEVICE int total(const Sums &s) { return (s.a + s.b) + (s.c + s.d); }
DEVICE int activation(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

// network_of is where the weights are: in shared memory, if there is room.
DEVICE const Network &network_of(const Shared &s, const Tables &tables) {
#if NETWORK_SHARED
	return s.network;
#else
	return tables.network;
#endif
}
DEVICE uint4 fetch(const uint4 *p) {
#if NETWORK_SHARED
	return *p;
#else
	return once(p);
#endif
}

// hidden computes the hidden layers from the features. average is what the memory knows, of the channel at hand. All features must be there
// when ready returns; in the end the first warp must wait for LAST_LAYER, at which the others have arrived.
template <class Ready> DEVICE void hidden(Shared &s, const Tables &tables, int &average, int tid, Ready ready) {
	const Network &n = network_of(s, tables);
	const uint4 *in = (const uint4 *)s.features;
	const int warp = tid >> 5;
	uint4 w1[5];
	const int one = H1 < 128 && tid >= H1 ? 0 : tid; // an output: some threads have none of use
#if UNITS
	uint4 wo[3];
	const int unit = tid >> 1, part = tid & 1;
	for (int i = 0; i < 3; i++) wo[i] = fetch(&n.observer[i][tid]);
#endif
	for (int i = 0; i < 5; i++) w1[i] = fetch(&n.l1[i][one]);
#if UNITS
	const int4 rate = tables.observer_rate[unit];
#endif
	ready();
#if UNITS
	Sums sums = {0, 0, 0, 0};
	for (int i = 0; i < 3; i++)
		if (i < 2 || part == 0) multiply(sums, in[3 * part + i], wo[i]);
	{
		int u = total(sums);
		u += shuffle_xor(u, 1);
		u = activation((u + rate.x) >> rate.y);
		average += ((u << 16) - average) >> rate.z;
		if (part == 0) s.features[80 + unit] = (average + 32768) >> 16;
	}
	uint4 wm[4];
	for (int i = 0; i < 4; i++) wm[i] = fetch(&n.l1[5 + i][one]);
#endif
	Sums first = {0, 0, 0, 0};
	const int2 bias = tables.l1_bias[tid];
	for (int i = 0; i < 5; i++) multiply(first, in[i], w1[i]);
#if UNITS
	barrier_sync(CHAIN, 128);
	for (int i = 0; i < 4; i++) multiply(first, in[5 + i], wm[i]);
#endif
	if (tid < H1) s.hidden1[tid] = activation((total(first) + bias.x) >> bias.y);
#if H1 > 128
	for (int o = 128 + tid; o < H1; o += 128) {
		Sums more = {0, 0, 0, 0};
		for (int i = 0; i < L1_CHUNKS; i++) multiply(more, in[i], fetch(&n.l1[i][o]));
		const int2 b = tables.l1_bias[o];
		s.hidden1[o] = activation((total(more) + b.x) >> b.y);
	}
#endif
#if H2
	const int output = tid / L2_SPLIT;
	uint4 w2[L2_CHUNKS];
	for (int i = 0; i < L2_CHUNKS; i++) w2[i] = fetch(&n.l2[i][H2 * L2_SPLIT < 128 && tid >= H2 * L2_SPLIT ? 0 : tid]);
	const int2 b2 = tables.l2_bias[output];
	barrier_sync(CHAIN, 128);
	Sums second = {0, 0, 0, 0};
	const uint4 *x = (const uint4 *)s.hidden1 + (L2_SPLIT == 2 ? L2_CHUNKS * (tid & 1) : 0);
	for (int i = 0; i < L2_CHUNKS; i++) multiply(second, x[i], w2[i]);
	int u = total(second);
	if (L2_SPLIT == 2) u += shuffle_xor(u, 1);
	u = activation((u + b2.x) >> b2.y);
	if (output < H2 && (L2_SPLIT == 1 || (tid & 1) == 0)) s.hidden2[output] = u;
#endif
#if !H2
	barrier_sync(CHAIN, 128); // nobody reads the features any more
#endif
	if (warp > 0) barrier_arrive(LAST_LAYER, 128);
}

// outputs is the last layer, by the first warp: a lane's weight, offset or scale, and its gate.
DEVICE int2 last_layer(Shared &s, const Tables &tables, int lane) {
	const Network &n = network_of(s, tables);
	uint4 w[2][L3_CHUNKS];
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < L3_CHUNKS; i++) w[k][i] = fetch(&n.l3[k][i][lane]);
	const int2 a = tables.l3_bias[lane], b = tables.l3_bias[32 + lane];
	barrier_sync(LAST_LAYER, 128);
	Sums x = {0, 0, 0, 0}, y = {0, 0, 0, 0};
	const uint4 *in = (const uint4 *)(H2 ? s.hidden2 : s.hidden1);
	for (int i = 0; i < L3_CHUNKS; i++) multiply(x, in[i], w[0][i]), multiply(y, in[i], w[1][i]);
	return {(total(x) + a.x) >> a.y, (total(y) + b.x) >> b.y};
}
