/* <<name>>: the verb `rvm <<name>>`, which counts the bytes of standard input. */
#include <rvm/plugin.h>

#include <stdio.h>

static int32_t print(const rvm_command_io* io, uint32_t stream, const char* text, int size) {
    const rvm_view view = {(const uint8_t*)text, (uint64_t)size};
    return io->write(io->ctx, stream, view) == RVM_OK ? RVM_EXIT_OK : RVM_EXIT_INTERNAL;
}

/* argv[0] is the verb. Standard streams are reached through `io` alone. [main] */
static int32_t run(void* self, const rvm_command_io* io, int32_t argc, const char* const* argv) {
    (void)self;
    char line[128];
    if (argc > 1) {
        print(io, RVM_IO_ERROR, line, snprintf(line, sizeof line, "%.32s: unexpected argument\n", argv[1]));
        return RVM_EXIT_USAGE;
    }
    uint8_t bytes[4096];
    uint64_t count = 0;
    for (;;) {
        rvm_span chunk = {bytes, sizeof bytes};
        if (io->read(io->ctx, &chunk) != RVM_OK) return RVM_EXIT_INTERNAL;
        if (chunk.size == 0) break;
        count += chunk.size;
    }
    const int json = (io->flags & RVM_IO_JSON) != 0; /* `rvm --json` */
    const int size = snprintf(line, sizeof line, "%s%llu%s\n", json ? "{\"bytes\": " : "", (unsigned long long)count,
                              json ? "}" : " bytes");
    return print(io, RVM_IO_OUT, line, size);
}

static const rvm_command item = {
    .struct_size = sizeof(rvm_command),
    .id = "<<name>>",
    .summary = "count the bytes of standard input", /* as in the sidecar */
    .run = run,
};

<<tail>>
