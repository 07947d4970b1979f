#include <vector>
#include "emulator.h"

// Warps run until they wait for others; then another one goes on: the next one or, with a seed, any. The lanes of a warp take turns at every
// operation that they do together.

extern "C" void emulator_switch(void **from, void *to);
asm(R"(
.text
.globl emulator_switch
emulator_switch:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
)");

int emulated_thread, emulated_block;
char *emulated_shared;

static const int most_warps = 32;
struct Warp {
	void *stack[32];
	bool done[32];
	uint64_t values[2][32];
	int arrived, generation, lane, left;
};
static Warp warps[most_warps];
struct Barrier { int count, generation, expected; };
static Barrier barriers[16];
static void *outside;
static size_t shared_size;
static int warp_count, warps_left;
static uint64_t random_state; // 0: in order
static long waits;            // since the last progress
static void (*body)();

static void fail(const char *what, int number) {
	fprintf(stderr, "emulator: %s %d (thread %d)\n", what, number, emulated_thread);
	exit(3);
}

static uint64_t next_random() {
	random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
	return random_state;
}

static void go(void **from, int warp) {
	Warp &w = warps[warp];
	emulated_thread = 32 * warp + w.lane;
	emulator_switch(from, w.stack[w.lane]);
}

// next_lane lets another lane of the same warp go on.
static void next_lane() {
	int warp = emulated_thread >> 5;
	Warp &w = warps[warp];
	int lane = w.lane;
	do w.lane = (w.lane + 1) & 31; while (w.done[w.lane] && w.lane != lane);
	if (w.lane != lane) go(&w.stack[lane], warp);
	else fail("a warp waits for a lane that has ended, warp", warp);
}

// next_warp lets another warp go on.
static void next_warp() {
	int warp = emulated_thread >> 5;
	if (++waits > 50000000) fail("deadlock, block", emulated_block);
	int next = random_state ? int(next_random() % warp_count) : warp;
	for (int i = 0; i < warp_count; i++) {
		next = (next + 1) % warp_count;
		if (next == warp || warps[next].left == 0) continue;
		go(&warps[warp].stack[warps[warp].lane], next);
		return;
	}
}

static void entry() {
	body();
	int warp = emulated_thread >> 5;
	Warp &w = warps[warp];
	w.done[w.lane] = true;
	if (--w.left > 0) next_lane();
	if (--warps_left == 0) emulator_switch(&w.stack[w.lane], outside);
	next_warp();
	abort();
}

#ifdef COUNTED
static uint64_t counted[32 * most_warps][KINDS]; // by each thread since its warp met
Counts emulated_counts;
static struct { const char *from; size_t size; } global_memory[4];

void emulate_count(Kind kind, int n) { counted[emulated_thread][kind] += n; }

void emulate_touch(const void *at, int bytes) {
	const char *p = (const char *)at;
	if (size_t(p - emulated_shared) < shared_size) return emulate_count(SHARED_BYTES, bytes);
	for (auto &g : global_memory)
		if (size_t(p - g.from) < g.size) emulate_count(GLOBAL_BYTES, bytes);
}

void emulate_global(int number, const void *from, size_t size) { global_memory[number] = {(const char *)from, size}; }

// count_warp adds what the lanes of a warp have done since they met: together they take as long as the one that did most.
static void count_warp(int warp) {
	for (int kind = 0; kind < KINDS; kind++) {
		uint64_t most = 0;
		for (int lane = 0; lane < 32; lane++) {
			uint64_t &n = counted[32 * warp + lane][kind];
			most = n > most ? n : most;
			emulated_counts.all[kind] += n;
			n = 0;
		}
		emulated_counts.warps[warp][kind] += most;
	}
}
#else
static void count_warp(int) {}
#endif

// meet returns where the values of all lanes are, and whether this one came last.
static int meet(uint64_t v, bool *last = nullptr) {
	Warp &w = warps[emulated_thread >> 5];
	int g = w.generation;
	w.values[g & 1][emulated_thread & 31] = v;
	if (++w.arrived == 32) {
		w.arrived = 0, w.generation++;
		count_warp(emulated_thread >> 5);
		if (last) *last = true;
		if (random_state && next_random() % 64 == 0) next_warp();
	} else {
		while (w.generation == g) next_lane();
	}
	return g & 1;
}

uint64_t emulate_shuffle(uint64_t v, int source) {
	int at = meet(v);
	return warps[emulated_thread >> 5].values[at][source];
}
unsigned emulate_ballot(bool p) {
	int at = meet(p);
	unsigned r = 0;
	for (int i = 0; i < 32; i++) r |= unsigned(warps[emulated_thread >> 5].values[at][i]) << i;
	return r;
}
void emulate_syncwarp() { meet(0); }

void emulate_barrier(int id, int threads, bool wait) {
	bool last = false;
	meet(0, &last);
	if (last) {
		Barrier &b = barriers[id];
		if (b.count && b.expected != threads) fail("threads disagree about barrier", id);
		b.expected = threads;
		int g = b.generation;
		b.count += 32;
		if (b.count == threads) {
			b.count = 0, b.generation++, waits = 0;
		} else {
			if (b.count > threads) fail("too many threads at barrier", id);
			while (wait && b.generation == g) next_warp();
		}
	}
	meet(0);
}

void emulate(int block, int threads, size_t shared, uint64_t seed, void (*f)()) {
	shared_size = shared;
	emulated_block = block, body = f, random_state = seed, waits = 0;
	warp_count = warps_left = threads / 32;
	emulated_shared = (char *)aligned_alloc(128, (shared + 127) / 128 * 128);
	memset(emulated_shared, 0xAA, shared);
	memset(warps, 0, sizeof warps), memset(barriers, 0, sizeof barriers);
	const size_t room = 128 << 10;
	std::vector<char *> stacks;
	for (int t = 0; t < threads; t++) {
		char *s = (char *)aligned_alloc(64, room);
		stacks.push_back(s);
		uint64_t *p = (uint64_t *)(s + room - 64);
		*--p = 0; // so that the stack is aligned at entry
		*--p = (uint64_t)entry;
		for (int i = 0; i < 6; i++) *--p = 0;
		warps[t >> 5].stack[t & 31] = p;
		warps[t >> 5].left++;
	}
	emulated_thread = 0;
	emulator_switch(&outside, warps[0].stack[0]);
	for (char *s : stacks) free(s);
	free(emulated_shared);
}
