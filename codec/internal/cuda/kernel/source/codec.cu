// The whole codec as a kernel: one block of threads decodes or encodes one segment, with the same bits as codec/internal/segment. Warps have
// roles, and tell each other by named barriers when something is there. Compile without fused multiplications.
#include "chain.cuh"
#include "filters.cuh"
#include "squares.cuh"

#ifndef MIN_BLOCKS
#define MIN_BLOCKS 2
#endif

// job_of returns that of a group.
template <bool encoding> DEVICE Job job_of(const Slab &slab, const Group &g, Shared &s) {
	const Header &header = *(const Header *)slab.input;
	Job j;
	j.group = &g, j.input = slab.input, j.output = slab.output, j.scratch = slab.scratch;
	j.tracks = encoding ? slab.input : slab.output;
	j.lags = g.lags ? (const int *)(slab.input + g.lags) : nullptr;
	j.stop = &header.stop;
#if SMALL
	Kept &usual = *(Kept *)slab.scratch;
	j.slices = &usual;
#else
	Shared &usual = s;
	j.slices = nullptr;
#endif
	j.factors = (SMALL || FACTORS_SHARED) && !g.sources ? usual.factors : (double *)(slab.scratch + g.factors);
	const int moments = g.sources ? MOMENTS_GLOBAL : MOMENTS;
	j.moments0 = MOMENTS_SHARED && !g.sources ? s.moments[0] : (double *)(slab.scratch + g.moments);
	j.moments1 = j.moments0 + moments;
	j.steps0 = (int *)(j.tracks + g.track[0].steps);
	j.steps1 = (int *)(j.tracks + g.track[1].steps);
	j.channels = g.tracks, j.references = g.references, j.sources = g.sources, j.rows = g.rows;
	j.order0 = g.track[0].order, j.order1 = g.track[1].order, j.tonal0 = g.track[0].tonal, j.tonal1 = g.track[1].tonal;
	j.paired = g.tracks == 2 || g.references > 0;
	return j;
}

// begin sets the state of a group to what it is before its first sample. All threads do it.
template <bool encoding> DEVICE void begin(const Context &at, const Slab &slab, const Group &g, int tid, int threads) {
	Shared &s = at.s;
	for (int i = tid; i < int(sizeof(Shared) / 4); i += threads) ((uint32_t *)&s)[i] = 0;
	barrier_sync(ALL, threads);
	if (tid == 0) s.job = job_of<encoding>(slab, g, s);
	barrier_sync(ALL, threads);
#if NETWORK_SHARED
	for (int i = tid; i < int(sizeof(Network) / 16); i += threads) ((uint4 *)&s.network)[i] = ((const uint4 *)&at.tables.network)[i];
#endif
	if (tid < 16) s.exp16[tid] = at.tables.exp16[tid];
	if (tid < 20) s.exp20[tid] = at.tables.exp20[tid];
	if (tid < 64) s.log_table[tid] = at.tables.logs[tid];
	if (tid < 64) s.filters[tid >> 5][tid & 31] = brief(at.tables.filters[at.tonal(tid >> 5)].lane[tid & 31]);
	if (tid < 32) s.mixed[tid] = at.tables.mixed[tid];
	if (tid < 16) s.shown[tid] = at.tables.shown[tid];
	if (tid == 0 && TAPER_ROWS) s.taper = at.tables.taper[TAPER_ROWS - 1][14];
	if (tid < SYSTEMS) s.systems[tid] = g.systems[tid];
	if (tid < SLOTS) s.slots[tid] = g.slots[tid];
	for (int i = tid; i < 2 * (g.sources ? MOMENTS_GLOBAL : MOMENTS); i += threads) at.job.moments0[i] = 0;
#if SMALL
	for (int i = tid; i < 2 * W_FLOATS; i += threads) at.weights(0)[i] = 0;
#endif
	for (int c = 0; c < at.job.channels; c++) {
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
			for (int k = 0; k < NTONE; k++) {
				for (int i = tid; i < tone_size(k); i += threads) ((double *)(at.job.scratch + y.tones[k].state))[i] = 0;
				if (tid == 0) s.tone_weights[c][k] = tone_state(at, c, k).weights;
			}
#endif
	}
	barrier_sync(ALL, threads);
	if (tid < NMIX)
		for (int c = 0; c < at.job.channels; c++) {
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

// role_of numbers the warps so that those come one after the other which a multiprocessor has in the same quarter, every fourth of them: a quarter
// has a cache for instructions, which is best used by warps with the same role.
template <int warps> DEVICE int role_of(int warp) {
	int role = warp >> 2;
	for (int quarter = 0; quarter < (warp & 3); quarter++) role += (warps - quarter + 3) >> 2;
	return role;
}

// code codes a segment. The small form codes so many samples of it, over all channels, in one of the slices numbered from 0, and none if it has
// coded them all.
template <bool encoding> DEVICE void code(const Slab *slabs, const Tables *tables, int slice, int number) {
	const Slab slab = slabs[block()];
	const Context at = context(*tables);
	Shared &s = at.s;
	constexpr int warps = encoding ? ENCODING : DECODING, threads = 32 * warps;
	const int tid = thread(), lane = tid & 31, role = role_of<warps>(tid >> 5);
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
#if SMALL
		if (first > 0) copy_shared(&s, &slices.shared, tid, threads);
		else
#endif
			begin<encoding>(at, slab, g, tid, threads);
		int steps = g.tracks * g.frames;
#if SMALL
		const bool last = slice >= steps - first;
		if (!last) steps = first + slice;
#endif
		constexpr int first_filter = SWARPS, first_chain = warps - CHAIN_WARPS;
		if (role < first_filter) squares<encoding>(*tables, role, first, steps, lane);
		else if (role < first_filter + filter_warps(encoding)) filters<encoding>(*tables, role - first_filter, first, steps, lane);
		else if (role >= first_chain) chain<encoding>(*tables, 32 * (role - first_chain) + lane, first, steps);
		else if (encoding) encoder(*tables, (WayResult *)(result + 2), lane);
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
