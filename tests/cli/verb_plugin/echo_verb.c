/* A verb for the tests: `rvm echo WORD...` prints its words, `rvm echo -` standard input, `rvm echo --run VERB...` runs
 * another verb and says what it exited with. */
#include <rvm/plugin.h>

#include <stdio.h>
#include <string.h>

static void print(const rvm_command_io* io, const char* text) {
    const rvm_view view = {(const uint8_t*)text, strlen(text)};
    (void)io->write(io->ctx, RVM_IO_OUT, view);
}

static int32_t copy_input(const rvm_command_io* io) {
    uint8_t bytes[256];
    for (;;) {
        rvm_span chunk = {bytes, sizeof bytes};
        if (io->read(io->ctx, &chunk) != RVM_OK) return RVM_EXIT_INTERNAL;
        if (chunk.size == 0) return RVM_EXIT_OK;
        const rvm_view view = {bytes, chunk.size};
        (void)io->write(io->ctx, RVM_IO_OUT, view);
    }
}

static int32_t run(void* self, const rvm_command_io* io, int32_t argc, const char* const* argv) {
    (void)self;
    if (argc == 2 && strcmp(argv[1], "-") == 0) return copy_input(io);
    if (argc > 2 && strcmp(argv[1], "--run") == 0) {
        char line[64];
        snprintf(line, sizeof line, "exit %d\n", (int)io->run_verb(io->ctx, argc - 2, argv + 2));
        print(io, line);
        return RVM_EXIT_OK;
    }
    if (argc < 2) return RVM_EXIT_USAGE;
    for (int32_t i = 1; i < argc; ++i) {
        print(io, argv[i]);
        print(io, i + 1 < argc ? " " : (io->flags & RVM_IO_JSON) != 0 ? " (json)\n" : "\n");
    }
    return RVM_EXIT_OK;
}

static const rvm_command echo = {
    .struct_size = sizeof(rvm_command), .id = "echo", .summary = "print words", .run = run};

static const rvm_contribution items[] = {{RVM_KIND_COMMAND, &echo}, {NULL, NULL}};
static const char* const provides[] = {RVM_KIND_COMMAND ":echo", NULL};

#define PLUGIN_NAME "Echo verb"
#define PLUGIN_DESCRIPTION "A verb for the tests"
#include "../plugin_tail.h"
