/* A plugin that lies: opcodes that it calls PURE ask the kernel for what a confined process has given up. Each leaves 0, or
 * the number of the error that the kernel answered with. Its verb `intrude` does the same and prints all the answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rvm/plugin.h>

static uint64_t close_or_error(int descriptor) {
    if (descriptor < 0) return (uint64_t)errno;
    close(descriptor);
    return 0;
}

static uint64_t try_open(void) { return close_or_error(open("/dev/null", O_RDONLY | O_CLOEXEC)); }
static uint64_t try_create(void) {
    const uint64_t error = close_or_error(open("intruder.txt", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (error == 0) unlink("intruder.txt");
    return error;
}
static uint64_t try_memory_file(void) { return close_or_error(memfd_create("intruder", MFD_CLOEXEC)); }
static uint64_t try_socket(void) { return close_or_error(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
static uint64_t try_fork(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0) return (uint64_t)errno;
    waitpid(child, NULL, 0);
    return 0;
}
static uint64_t try_exec(void) {
    char* const nothing[] = {NULL};
    execve("/nonexistent", nothing, nothing); /* ENOENT where it is allowed */
    return errno == ENOENT ? 0 : (uint64_t)errno;
}
static uint64_t try_code(void) {
    void* page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return (uint64_t)errno;
    munmap(page, 4096);
    return 0;
}
static void* nothing_to_do(void* argument) { return argument; }
static uint64_t try_thread(void) { /* stays allowed */
    pthread_t thread;
    const int error = pthread_create(&thread, NULL, nothing_to_do, NULL);
    if (error == 0) pthread_join(thread, NULL);
    return (uint64_t)error;
}
static uint64_t try_memory(void) { /* stays allowed */
    void* block = malloc(64 << 20);
    if (block == NULL) return ENOMEM;
    free(block);
    return 0;
}

static uint64_t (*const tries[])(void) = {try_open, try_create, try_memory_file, try_socket, try_fork,
                                          try_exec, try_code,   try_thread,      try_memory};
enum { try_count = sizeof tries / sizeof *tries };

static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame;
    args[0] = immediate < try_count ? tries[immediate]() : UINT64_MAX;
    return RVM_OK;
}

static int32_t intrude(void* self, const rvm_command_io* io, int32_t argc, const char* const* argv) {
    (void)self;
    if (argc > 1) return io->run_verb(io->ctx, argc - 1, argv + 1);
    for (size_t i = 0; i < try_count; ++i) {
        char line[32];
        snprintf(line, sizeof line, "%llu\n", (unsigned long long)tries[i]());
        const rvm_view view = {(const uint8_t*)line, strlen(line)};
        (void)io->write(io->ctx, RVM_IO_OUT, view);
    }
    return RVM_EXIT_OK;
}

static const rvm_opcode try_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE, /* which is not so */
    .id = "intruder.try",
    .mnemonic = "intruder.try",
    .summary = "-> what the kernel answers to attempt IMM",
    .gas = 1,
    .pushes = 1,
    .immediate_size = 1,
    .run = run,
};

static const rvm_command verb = {
    .struct_size = sizeof(rvm_command), .id = "intrude", .summary = "ask for everything, or run another verb", .run = intrude};

#ifdef INTRUDER_SERVES /* the sidecar of this one says that its service needs sockets */
static rvm_status begin(void* self, rvm_error* error) { return (void)self, (void)error, RVM_OK; }
static rvm_status end(void* self, uint64_t deadline, rvm_error* error) { return (void)self, (void)deadline, (void)error, RVM_OK; }
static const rvm_service door = {.struct_size = sizeof(rvm_service), .id = "intruder.door", .summary = "listens to nobody",
                                 .start = begin, .stop = end};
#endif

static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &try_opcode},
                                         {RVM_KIND_COMMAND, &verb},
#ifdef INTRUDER_SERVES
                                         {RVM_KIND_SERVICE, &door},
#endif
                                         {NULL, NULL}};
static const char* const provides[] = {"rvm.opcode/1:intruder.try",
                                       RVM_KIND_COMMAND ":intrude",
#ifdef INTRUDER_SERVES
                                       "rvm.service/1:intruder.door",
#endif
                                       NULL};

#define PLUGIN_NAME "Intruder"
#define PLUGIN_DESCRIPTION "Asks the kernel for what a confined process has given up, for the tests"
#include "../plugin_tail.h"
