// Plugin for qemu-user that counts the instructions that a program executes, and writes their number into the file that the environment
// variable COUNTED names. (QEMU TCG Plugins, docs/devel/tcg-plugins.rst of QEMU 7.2. Debian's packages lack their header: what is needed of
// it is declared here.)
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation, void *number, uint64_t value);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

int qemu_plugin_version = 1;

enum { ADD = 0 };

static uint64_t executed;

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(block, ADD, &executed, qemu_plugin_tb_n_insns(block));
}

static void ended(plugin_id id, void *data) {
	(void)id, (void)data;
	FILE *f = fopen(getenv("COUNTED"), "w");
	if (!f || fprintf(f, "%" PRIu64 "\n", executed) < 0 || fclose(f) != 0)
		abort();
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
	(void)info, (void)argc, (void)argv;
	if (!getenv("COUNTED"))
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, 0);
	return 0;
}
