// Runs the kernel over requests, which come from standard input, after the tables; results go to standard output. It begins with the sizes of
// the tables and of the shared memory.
#define EMULATED
#include "../../source/codec.cu"

void emulate(int block, int threads, size_t shared, uint64_t seed, void (*body)());

static uint8_t *tables;
static Slab slab;
#if SMALL
static int slice, number;
static void run_decode() { decode(&slab, (const Tables *)tables, 1, slice, number); }
static void run_encode() { encode(&slab, (const Tables *)tables, 1, slice, number); }
#else
static void run_decode() { decode(&slab, (const Tables *)tables, 1); }
static void run_encode() { encode(&slab, (const Tables *)tables, 1); }
#endif

static bool read_all(void *p, size_t n) { return fread(p, 1, n, stdin) == n; }

static uint8_t *room(size_t n) { return (uint8_t *)aligned_alloc(256, (n + 511) / 256 * 256); }

int main() {
	uint32_t sizes[3] = {uint32_t(sizeof(Tables)), uint32_t(sizeof(Shared)), 0}, length;
#if SMALL
	sizes[2] = sizeof(Kept);
#endif
	fwrite(sizes, 4, 3, stdout);
	fflush(stdout);
	if (!read_all(&length, 4)) return 0;
	if (length != sizeof(Tables)) return fprintf(stderr, "tables of %u bytes, not %zu\n", length, sizeof(Tables)), 2;
	tables = room(length);
	if (!read_all(tables, length)) return 2;
	uint32_t head[7]; // encoding, seed, bytes of input, output and scratch, steps, steps of the longest slice
	while (read_all(head, sizeof head)) {
		slab = {room(head[2]), room(head[3]), room(head[4])};
		if (!read_all(slab.input, head[2])) return 2;
		memset(slab.output, 0xAA, head[3]);
		memset(slab.scratch, 0xAA, head[4]);
#ifdef COUNTED
		emulate_global(0, tables, length), emulate_global(1, slab.input, head[2]);
		emulate_global(2, slab.output, head[3]), emulate_global(3, slab.scratch, head[4]);
		emulated_counts = {};
#endif
		const int warps = head[0] ? ENCODING : DECODING;
		auto run = [&] { emulate(0, 32 * warps, sizeof(Shared), head[1], head[0] ? run_encode : run_decode); };
#if SMALL
		uint32_t random = 1 + head[1];
		number = 0;
		for (uint32_t done = 0; done < head[5]; done += slice, number++) {
			random = random * 1664525 + 1013904223;
			slice = 1 + (random >> 8) % head[6];
			run();
		}
#else
		run();
#endif
		fwrite(slab.output, 1, head[3], stdout);
#ifdef COUNTED
		fwrite(&emulated_counts, sizeof(Counts), 1, stdout);
#endif
		fflush(stdout);
		free(slab.input), free(slab.output), free(slab.scratch);
	}
	free(tables);
}
