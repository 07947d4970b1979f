// What lies in memory, and how it is laid out: package kernel writes and reads the same in Go (tables.go, group.go). Sizes that depend on the preset
// are macros, which Go makes of its description (shape.go).
//
// There are two forms of a kernel. The large one has in shared memory what a segment works with (preset max: but for the statistics of the least
// squares, in whose place are the weights of the network), and codes it to its end. The small one (SMALL) has in scratch what a sample touches
// least for its size, so that it runs where a block may have 99 KB at most, and codes in slices.
#pragma once
#include "device.cuh"

#ifndef SMALL
#define SMALL 0
#endif

enum {
	SYSTEMS = NLS + NMIX,
	LANES = NFILT + NCROSS, // filters, then the other channel's parts of the cross filters
	ROOM = 16,              // inputs that can be added to a filter's history before it is moved back
	MEASURED = NLS + NTONE, // the first filter's prediction
	INPUTS = 80 + UNITS,    // of the network
	LAST = H2 ? H2 : H1,    // inputs of its last layer
	L1_OUTPUTS = (H1 + 127) / 128, L1_CHUNKS = INPUTS / 16,
	L2_SPLIT = H2 && H2 <= 64 ? 2 : 1, L2_CHUNKS = H1 / 16 / L2_SPLIT,
	L3_CHUNKS = LAST / 16,
	WAYS = 4, // over all steps, the same with secondary symbol estimation, over the list, the same with it
	MOST_REFERENCES = 8,
	MOST_SOURCED = (MOST_UNKNOWNS + 7) / 8,
	BUCKETS = 33, LEVELS = 24, MIXERS = 4,
};

// Filter is what a lane knows of one.
struct Filter {
	int taps;
	float mu;
	int stage;    // how many filters come before it in its cascade
	int head;     // lane of the first of these
	int base;     // the prediction that it starts from; -1 for a cross filter
	int history;  // where its inputs are written; -1 if another one's are the same
	int longest;  // taps that the history serves
	int newest;   // its weight of the newest input
	int partner;  // of a cross filter: the lane of its other part, and of that the lane of its own; or -1
	int robust;
	int decaying;
	int pad;
};

// Brief is what the chain knows of a lane's filter, in one number: its base + 1, its stage, the lane of its partner + 1, the row of 16 taps that
// ends with its newest one, whether it is decaying.
struct Brief {
	int bits;
	DEVICE_METHOD int base() const { return (bits & 63) - 1; }
	DEVICE_METHOD int stage() const { return bits >> 6 & 3; }
	DEVICE_METHOD int partner() const { return (bits >> 8 & 63) - 1; }
	DEVICE_METHOD int newest() const { return (bits >> 14 & 1023) * 16 + 15; }
	DEVICE_METHOD bool decaying() const { return bits >> 24; }
};
DEVICE Brief brief(const Filter &f) {
	return {(f.base + 1) | f.stage << 6 | (f.partner + 1) << 8 | (f.newest >> 4) << 14 | f.decaying << 24};
}

// Filters are those of a channel with tones, or of one without.
struct alignas(16) Filters {
	Filter lane[32];
	// Rows of 16 taps, which the four halves of two warps go through: where their inputs begin, the filter << 13, whether it is its last << 18,
	// the row of its taper << 19, whether they are the other channel's inputs << 25. Rows that make all halves equally long are of lane 31.
	int rows[4][ROWS];
	int row_count[2], no_rows[2]; // of each warp
	int weights[4]; // of each half
	int halves[32]; // that have each filter
	int long_filter, long_taps, long_history, pad; // a flat filter of so many taps that it is worth a warp; or -1
	int histories, pads[3];
	int moved[16][2]; // where histories begin, and for how many taps they are
};

// Network is the weights of its layers, as threads take them: 16 of an output at a time.
struct alignas(16) Network {
	uint4 observer[UNITS ? 3 : 1][UNITS ? 128 : 1];
	uint4 l1[L1_CHUNKS][H1];
	uint4 l2[H2 ? L2_CHUNKS : 1][H2 ? H2 * L2_SPLIT : 1];
	uint4 l3[2][L3_CHUNKS][32];
};

struct alignas(16) Tables {
	Network network;
	int4 observer_rate[64]; // bias, shift, rate
	int2 l1_bias[L1_OUTPUTS * 128], l2_bias[128], l3_bias[64];
	double logistic[770];
	double exp16[16], exp20[20];
	float taper[TAPER_ROWS + 1][16]; // of the greatest lags first; then ones
	Filters filters[2];
	int shown[16], mixed[32];
	int16_t stretch[2048];
	int squash[132];
	int shares[256];
	uint8_t logs[64];
};

// System is a least squares.
struct alignas(16) System {
	double forget, ridge;
	int unknowns, own, prediction, first, last;
	int moments, weights; // where they are
	int extracts;         // number of the first extract
	// Of a least squares with other sources: how many regressors are the other channel's, those around the lag, the other channel's around it;
	// and from how many references the first of these come.
	int other, around, around_other, references;
};

// Slot is one or two systems that a warp has; halves: each has half of the lanes. A warp may have more than one slot.
struct Slot { int a, b, halves, room, warp, pad[3]; };

struct Reference { int steps, delay, frames, pad; };
struct Extract { int reference, offset, size, pad; };

// Way is how a channel's samples may be coded.
struct alignas(16) Way {
	int64_t count, low;      // ranks, the step of the first one
	double floor, gap;       // mass of a rank besides the distribution's; mean distance of ranks
	uint64_t code, span;     // of the range coder at the beginning; low and span when encoding
	int possible, sse, list; // list: where in the input, 0 if there is none
	int bits;                // of a rank
	int stream, length;      // where the bytes are, and how many there are or may be
	int next;                // bytes read, or written and held back before
	int cache, pending;
	int prefix;              // bytes that count besides
	int tables, pad;         // of secondary symbol estimation, in scratch
};

struct ToneTables { int shrink, ages, state, pad; }; // in the input, in scratch

struct alignas(16) Track {
	double low, high;
	double expected[34]; // mean absolute error before each sample of the warm-up, and after it
	Way ways[WAYS];
	ToneTables tones[NTONE ? NTONE : 1];
	int first, frames; // frames without samples before; samples
	int order;         // of the start
	int coefficients;  // in the input
	int steps;         // in the input or the output
	int tonal, number, pad;
};

struct alignas(16) Group {
	int tracks, frames, sources, references;
	int lags;                   // in the input; 0 if there are none
	int rows, moments, factors; // in scratch
	System systems[SYSTEMS];
	Slot slots[SLOTS];
	Reference referred[MOST_REFERENCES];
	Extract extracts[NLS * MOST_REFERENCES];
	Track track[2];
};

// Header is where the groups begin. Whoever launched the kernel may set stop meanwhile: then it ends soon, with nothing done.
struct Header { int groups, first, stop, pad; };

// WayResult is what became of a way.
struct WayResult { int length, alive; };
struct Result { int done, overflow; };

struct Slab { uint8_t *input, *output, *scratch; };

// Queued is what the encoder's warp gets.
struct Queued {
	double weight[8], centre[8], scale16[8], total, scale;
	int step, channel;
};

struct Ranger { // a range coder at work
	uint64_t code, span;
	int next, cache, pending, pad;
};

struct Decoded { // a track and its only way
	double floor;
	int64_t low;
	int count, first, end, quick, idle, pad; // idle is the step before the first frame
};

// Job is what the roles work on. It is in shared memory, so that they need no registers for it.
struct Job {
	const Group *group;
	const uint8_t *input;
	uint8_t *output, *scratch;
	const uint8_t *tracks; // input or output: where steps are
	const int *lags;       // nullptr if there are none
	const volatile int *stop;
	double *factors, *moments0, *moments1;
	int *steps0, *steps1;
	struct Kept *slices; // of the small form
	int channels, references, order0, order1, rows, sources, tonal0, tonal1;
	int paired; // the cross filters have another channel, or a reference
	int pad;
};

struct alignas(16) Shared {
	Job job;
#if NETWORK_SHARED
	Network network;
#endif
	float w[2][SMALL ? 4 : W_FLOATS];
	float x[2][X_FLOATS];
	double moments[2][MOMENTS_SHARED ? MOMENTS : 2];
	double factors[FACTORS_SHARED ? FACTORS : 2];
	double history[2][128];    // the newest samples, newest first, in a ring of 64, twice
	double predictions[2][NPRED + 2];
	double mix_rows[2][4][MIXN ? (MIXN + 1) / 2 * 2 : 2];
	double weights[2][LS_WEIGHTS];
	double errors[2][64];      // of the reference prediction, as history
	double means[2][SYSTEMS + 1];
	double updates[2][SYSTEMS][4];
	double stack_weights[2][2], stack[2][4], stack_moments[2][6];
	double signed_mean[2], newest_error[2], scale[2], inverse[2];
	double exp16[16], exp20[20];
	double products[32];
	double value[2];
	double tone[2][NTONE + 1];
	const double *tone_weights[2][NTONE + 1];
	double lowest[2], highest[2];
	uint64_t from, to;         // the last symbol's interval
	System systems[SYSTEMS];
	Slot slots[SLOTS];
	int rows[2][4][ROWS]; // of the filters of a channel
	Decoded decoded[2];
	Ranger decoder[2];
	Ranger encoders[2][WAYS];
	int alive[2][WAYS], half[2][WAYS], trying[2], coded[2];
	int mixers[2][WAYS][MIXERS][3];
	Queued queue;
	float4 components[8];
	float sums[(LANES - NCROSS) * 3 + 1][17];
	float partial[2][NCROSS + 1][3][16];
	float output[2][32], rest[2][32], overlap[2][32], inputs[2][2][32], outputs[2][32];
	float2 step[2][32];
	Brief filters[2][32];
	uint8_t mixed[32], shown[16]; // as in the tables
	float taper;               // of the second newest input
	uint32_t target[2];
	int log_scale[2], logs[2][32], repeats[2];
	int pending[2][SYSTEMS], until[2][SYSTEMS], found[2][NTONE + 1];
	int overflow, stop;
	alignas(16) uint8_t features[160];
	alignas(16) uint8_t hidden1[H1];
	alignas(16) uint8_t hidden2[H2 ? H2 : 16];
	uint8_t log_table[64];
};

// Normaliser is the state of a lane's filter for one channel.
struct Normaliser { float levels[6], flat, power, usual; };

#if SMALL
// What threads have in registers from one sample to the next: those of the chain, and of the filters.
struct ChainRegisters { double mean0, mean1; int average0, average1; };
struct FilterRegisters { Normaliser mine, theirs; float over0, over1; };

// Kept is at the beginning of scratch: what would not fit into shared memory, and, from one slice to the next, where that begins and all else.
struct alignas(16) Kept {
	int group, step, overflow, pad;
	alignas(16) double factors[FACTORS];
	alignas(16) float w[2][W_FLOATS];
	ChainRegisters chain[128];
	FilterRegisters filters[96];
	Shared shared;
};
#endif

// Context is where what the roles work on is. Its addresses are known when this is compiled, so that it costs nothing to have it.
struct Context {
	Shared &s;
	const Job &job;
	const Tables &tables;

	DEVICE_METHOD double *moments(int c) const { return c ? job.moments1 : job.moments0; }
	DEVICE_METHOD int order(int c) const { return c ? job.order1 : job.order0; }
	DEVICE_METHOD bool tonal(int c) const { return c ? job.tonal1 : job.tonal0; }
	DEVICE_METHOD int *steps(int c) const { return c ? job.steps1 : job.steps0; } // of a track
	DEVICE_METHOD float *weights(int c) const { // of the filters
#if SMALL
		return job.slices->w[c];
#else
		return s.w[c];
#endif
	}
};
DEVICE Context context(const Tables &tables) {
	Shared &s = *(Shared *)shared_memory();
	return {s, s.job, tables};
}
