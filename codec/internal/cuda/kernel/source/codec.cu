// The whole codec as a kernel: one block of threads decodes or encodes one segment, with the same bits as codec/internal/segment. Warps have
// roles, and tell each other by named barriers when something is there. Compile without fused multiplications.
#include "chain.cuh"
#include "filters.cuh"
#include "squares.cuh"

#ifndef MIN_BLOCKS
#define MIN_BLOCKS 2
#endif

// begin sets the state of a group to what it is before its first sample. All threads do it.
template <bool encoding> DEVICE void begin(const Context &at, int tid, int threads) {
	Shared &s = at.s;
	const Group &g = at.group;
	for (int i = tid; i < int(sizeof(Shared) / 4); i += threads) ((uint32_t *)&s)[i] = 0;
	barrier_sync(ALL, threads);
	if (tid < 16) s.exp16[tid] = at.tables.exp16[tid];
	if (tid < 20) s.exp20[tid] = at.tables.exp20[tid];
	if (tid < 64) s.log_table[tid] = at.tables.logs[tid];
	if (tid < SYSTEMS) s.systems[tid] = g.systems[tid];
	if (tid < SLOTS) s.slots[tid] = g.slots[tid];
	if (g.moments)
		for (int i = tid; i < 2 * MOMENTS_GLOBAL; i += threads) at.moments0[i] = 0;
#if SMALL
	else
		for (int i = tid; i < 2 * MOMENTS; i += threads) at.moments0[i] = 0;
	for (int i = tid; i < 2 * W_FLOATS; i += threads) at.weights(0)[i] = 0;
#endif
	for (int c = 0; c < at.channels; c++) {
		const Track &y = g.track[c];
		if (tid == 0) {
			const Way &w = y.ways[0];
			s.lowest[c] = y.low, s.highest[c] = y.high;
			s.decoded[c] = {w.floor, w.low, int(w.count), y.first, y.first + y.frames, w.bits == 16 && !w.sse && !w.list,
				int(y.low > 0 ? y.low : y.high < 0 ? y.high : 0), 0};
		}
		const Filters &f = at.tables.filters[at.tonal(c)];
		for (int i = tid; i < 4 * ROWS; i += threads) (&s.rows[c][0][0])[i] = (&f.rows[0][0])[i];
		for (int way = 0; way < (encoding ? WAYS : 1); way++) {
			const Way &w = y.ways[way];
			if (tid == 0) {
				(encoding ? s.encoders[c][way] : s.decoder[c]) = {w.code, w.span, w.next, w.cache, w.pending, 0};
				s.alive[c][way] = w.possible;
				if (w.sse && w.possible) s.trying[c] = 1;
			}
			if (w.sse && w.possible) clear_estimation(at, c, way, w, tid, threads);
		}
		if (tid < SYSTEMS) {
			const System &y2 = g.systems[tid];
			s.until[c][tid] = y2.first;
			if (y.order == 0) s.means[c][tid] = y.expected[0];
			if (tid >= NLS) s.weights[c][y2.weights] = 1;
		}
		if (tid == 0 && y.order == 0) s.means[c][SYSTEMS] = y.expected[0];
#if NTONE
		if (y.tonal)
			for (int k = 0; k < NTONE; k++)
				for (int i = tid; i < tone_size(k); i += threads) ((double *)(at.scratch + y.tones[k].state))[i] = 0;
#endif
	}
	barrier_sync(ALL, threads);
	if (tid < NMIX)
		for (int c = 0; c < at.channels; c++) {
			const System &y = g.systems[NLS + tid];
			at.moments(c)[y.moments + (y.unknowns / 2 + 1) * 32] = y.ridge;
		}
	barrier_sync(ALL, threads);
}

#if SMALL
// copy_shared copies the shared memory out of scratch or into it. All threads do it.
DEVICE void copy_shared(Shared *to, const Shared *from, int tid, int threads) {
	for (int i = tid; i < int(sizeof(Shared) / 16); i += threads) ((uint4 *)to)[i] = ((const uint4 *)from)[i];
	barrier_sync(ALL, threads);
}
#endif

// code codes a segment. The small form codes so many samples of it, over all channels, in one of the slices numbered from 0, and none if it has
// coded them all.
template <bool encoding> DEVICE void code(const Slab *slabs, const Tables *tables, int slice, int number) {
	const Slab slab = slabs[block()];
	Shared &s = *(Shared *)shared_memory();
	const int tid = thread(), warp = tid >> 5, lane = tid & 31, threads = 32 * (encoding ? ENCODING : DECODING);
	const Header &header = *(const Header *)slab.input;
	const Group *groups = (const Group *)(slab.input + header.first);
	Result *result = (Result *)slab.output;
	int overflow = 0, i = 0, first = 0;
	bool stopped = false;
#if SMALL
	Kept &slices = *(Kept *)slab.scratch;
	if (number > 0) i = slices.group, first = slices.step, overflow = slices.overflow;
	if (i == header.groups) return;
#endif
#pragma unroll 1
	for (; i < header.groups && !stopped; i++) {
		const Group &g = groups[i];
		const uint8_t *tracks = encoding ? slab.input : slab.output;
		Context kept = {&kept, s, *tables, g, slab.input, slab.output, slab.scratch};
		kept.channels = g.tracks, kept.references = g.references, kept.sources = g.sources;
		kept.order0 = g.track[0].order, kept.order1 = g.track[1].order, kept.tonal0 = g.track[0].tonal, kept.tonal1 = g.track[1].tonal;
		kept.stop = &header.stop;
		kept.rows = g.rows, kept.lags = g.lags ? (const int *)(slab.input + g.lags) : nullptr;
		kept.paired = g.tracks == 2 || g.references > 0;
		kept.tracks = tracks;
#if SMALL
		kept.slices = &slices;
		Kept &usual = slices;
#else
		Shared &usual = s;
#endif
		kept.factors = (SMALL || FACTORS_SHARED) && !g.sources ? usual.factors : (double *)(slab.scratch + g.factors);
		kept.moments0 = g.moments ? (double *)(slab.scratch + g.moments) : usual.moments[0];
		kept.moments1 = g.moments ? kept.moments0 + MOMENTS_GLOBAL : usual.moments[1];
		kept.steps0 = (int *)(tracks + g.track[0].steps);
		kept.steps1 = (int *)(tracks + g.track[1].steps);
		const Context at = kept;
#if SMALL
		if (first > 0) copy_shared(&s, &slices.shared, tid, threads);
		else
#endif
			begin<encoding>(at, tid, threads);
		int steps = g.tracks * g.frames;
#if SMALL
		const bool last = slice >= steps - first;
		if (!last) steps = first + slice;
#endif
		if (warp < CHAIN_WARPS) chain<encoding>(at, tid, first, steps);
		else if (warp < first_squares(encoding)) filters<encoding>(at, warp - CHAIN_WARPS, first, steps, lane);
		else if (warp < first_squares(encoding) + SWARPS) squares<encoding>(at, warp - first_squares(encoding), first, steps, lane);
		else if (encoding) encoder(at, (WayResult *)(result + 2), lane);
		barrier_sync(ALL, threads);
		if (s.overflow) overflow = 1;
		stopped = s.stop;
		barrier_sync(ALL, threads);
#if SMALL
		if (!last && !stopped) {
			copy_shared(&slices.shared, &s, tid, threads);
			if (tid == 0) slices.group = i, slices.step = steps, slices.overflow = overflow, result->done = 0;
			return;
		}
		slice -= steps - first;
		first = 0;
#endif
	}
#if SMALL
	if (tid == 0) slices.group = header.groups;
#endif
	if (tid == 0) result->done = stopped ? 2 : 1, result->overflow = overflow;
}

#ifdef EMULATED
#define ENTRY(warps) static void
#else
#define ENTRY(warps) extern "C" __global__ void __launch_bounds__(32 * (warps), MIN_BLOCKS)
#endif
#if SMALL
ENTRY(DECODING) decode(const Slab *slabs, const Tables *tables, int, int slice, int number) { code<false>(slabs, tables, slice, number); }
ENTRY(ENCODING) encode(const Slab *slabs, const Tables *tables, int, int slice, int number) { code<true>(slabs, tables, slice, number); }
#else
ENTRY(DECODING) decode(const Slab *slabs, const Tables *tables, int) { code<false>(slabs, tables, 0, 0); }
ENTRY(ENCODING) encode(const Slab *slabs, const Tables *tables, int) { code<true>(slabs, tables, 0, 0); }
#endif
