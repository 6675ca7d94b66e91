/* Embedding rvm from C: <rvm/rvm.h> alone, no C++ in sight. Also what a library may not do to its process.
 *
 *     embedding_test MANIFEST PROGRAM.rvm
 *
 * PROGRAM adds the first word of its input to slot 1, logs the sum under topic 7 and returns it. */
#define _GNU_SOURCE
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rvm/rvm.h>

static int failures = 0;
static FILE* complaints; /* the real standard error: the one in place is being watched */

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(complaints, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                \
            ++failures;                                                                                                \
        }                                                                                                              \
    } while (0)
#define CHECK_EQ(found, expected)                                                                                      \
    do {                                                                                                               \
        const long long found_ = (long long)(found), expected_ = (long long)(expected);                                \
        if (found_ != expected_) {                                                                                     \
            fprintf(complaints, "%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #found, found_, expected_);  \
            ++failures;                                                                                                \
        }                                                                                                              \
    } while (0)

#define GAS INT64_C(1000000)

static uint8_t program[4096];
static uint64_t program_size = 0;

static const rvm_address depositor = {{[19] = 0x11}}, contract = {{[0] = 1, [19] = 0x22}};

/* ---- A transaction ---- */

struct receipt {
    rvm_status status;
    int64_t gas_used;
    uint64_t output; /* the low 64 bits of 32 bytes */
    uint64_t output_size;
    uint64_t log_count;
    rvm_log log; /* without data */
    uint64_t logged;
    uint64_t changed_accounts;
    rvm_account_change change; /* of the contract */
    rvm_slot_change slot;
    rvm_bytes32 digest;
};

static void deposit(const rvm_host_world* worlds, rvm_world* world, uint64_t amount, struct receipt* out) {
    rvm_error error = {sizeof error, 0, ""};
    rvm_tx_env env = {.struct_size = sizeof env};
    memset(out, 0, sizeof *out);
    CHECK_EQ(worlds->tx_begin(world, &env, &error), RVM_OK);

    const rvm_u256 word = {{amount, 0, 0, 0}};
    uint8_t input[32];
    rvm_u256_to_bytes(&word, input, sizeof input);
    rvm_message message = {.struct_size = sizeof message, .kind = RVM_CALL_CALL, .gas = GAS, .sender = depositor};
    message.recipient = message.code_address = contract;
    message.input = (rvm_view){input, sizeof input};
    rvm_result result = {.struct_size = sizeof result};
    out->status = worlds->execute(world, &message, &result, &error);
    out->gas_used = GAS - result.gas_left;
    out->output_size = result.output.size;
    if (result.output.size == 32) out->output = rvm_u256_from_bytes(result.output.data, 32).limbs[0];

    const rvm_log* logs = worlds->logs(world, &out->log_count);
    if (out->log_count > 0) {
        out->log = logs[0];
        if (logs[0].data.size == 32) out->logged = rvm_u256_from_bytes(logs[0].data.data, 32).limbs[0];
    }
    rvm_changes* changes = NULL;
    CHECK_EQ(worlds->tx_end(world, 0, &changes, &error), RVM_OK);
    const rvm_account_change* list = worlds->changes(changes, &out->changed_accounts);
    for (uint64_t i = 0; i < out->changed_accounts; ++i) {
        if (memcmp(&list[i].address, &contract, sizeof contract) != 0) continue;
        out->change = list[i];
        if (list[i].slot_count == 1) out->slot = list[i].slots[0];
    }
    worlds->digest(changes, &out->digest);
    worlds->release_changes(changes);
}

/* A world of its own in which the contract has the program. */
static rvm_world* world_with_contract(rvm_runtime* runtime) {
    const rvm_host_world* worlds = rvm_runtime_worlds(runtime);
    rvm_error error = {sizeof error, 0, ""};
    rvm_world* world = NULL;
    CHECK_EQ(worlds->open(rvm_runtime_context(runtime), RVM_WORLD_EPHEMERAL, &world, &error), RVM_OK);
    rvm_tx_env env = {.struct_size = sizeof env};
    CHECK_EQ(worlds->tx_begin(world, &env, &error), RVM_OK);
    rvm_account* account = NULL;
    CHECK_EQ(worlds->account(world, &contract, RVM_WANT_CODE, &account), RVM_OK);
    const rvm_view code = {program, program_size};
    CHECK_EQ(worlds->set_code(world, account, code, NULL, "native", &error), RVM_OK);
    rvm_changes* changes = NULL;
    CHECK_EQ(worlds->tx_end(world, 0, &changes, &error), RVM_OK);
    worlds->release_changes(changes);
    return world;
}

static void runs_a_program(rvm_runtime* runtime) {
    const rvm_host_world* worlds = rvm_runtime_worlds(runtime);
    rvm_world* world = world_with_contract(runtime);
    struct receipt first, second, again;

    deposit(worlds, world, 40, &first);
    CHECK_EQ(first.status, RVM_OK);
    CHECK_EQ(first.output_size, 32);
    CHECK_EQ(first.output, 40);
    /* static 611; one page 32; cold slot 2000; copy of one word 3; new slot 19900; topic 375; 32 bytes of log 256 */
    CHECK_EQ(first.gas_used, 611 + 32 + 2000 + 3 + 19900 + 375 + 256);
    CHECK_EQ(first.log_count, 1);
    CHECK_EQ(first.log.topic_count, 1);
    CHECK_EQ(first.log.topics[0].bytes[31], 7);
    CHECK(memcmp(&first.log.address, &contract, sizeof contract) == 0);
    CHECK_EQ(first.logged, 40);
    CHECK_EQ(first.changed_accounts, 1);
    CHECK_EQ(first.change.slot_count, 1);
    CHECK_EQ(first.slot.key.limbs[0], 1);
    CHECK_EQ(first.slot.before.limbs[0], 0);
    CHECK_EQ(first.slot.after.limbs[0], 40);

    deposit(worlds, world, 2, &second); /* the world keeps what the first one did */
    CHECK_EQ(second.output, 42);
    CHECK_EQ(second.gas_used, 611 + 32 + 2000 + 3 + 2800 + 375 + 256);
    CHECK_EQ(second.slot.before.limbs[0], 40);
    CHECK_EQ(second.slot.after.limbs[0], 42);
    CHECK(memcmp(&first.digest, &second.digest, sizeof first.digest) != 0);
    worlds->close(world);

    world = world_with_contract(runtime); /* another world knows nothing of it and gives the same */
    deposit(worlds, world, 40, &again);
    CHECK_EQ(again.output, 40);
    CHECK_EQ(again.gas_used, first.gas_used);
    CHECK(memcmp(&first.digest, &again.digest, sizeof first.digest) == 0);
    worlds->close(world);
}

/* ---- Errors are values ---- */

static void refuses_by_value(const char* text, const char* code, const char* pointer) {
    rvm_error error = {sizeof error, 0, ""};
    CHECK(rvm_runtime_open_text(text, ".", &error) == NULL);
    CHECK_EQ(error.code, RVM_E_CONFIG);
    if (strstr(error.message, code) == NULL || strstr(error.message, pointer) == NULL) {
        fprintf(complaints, "expected %s at %s, found: %s\n", code, pointer, error.message);
        ++failures;
    }
    CHECK(rvm_runtime_open_text(text, ".", NULL) == NULL);
}

#define DOCUMENT "{\"format_version\": 1, \"name\": \"x\", \"profile\": \"standard\", "

static void errors_are_values(void) {
    refuses_by_value("{", "RVM-M", "manifest.json");
    refuses_by_value(DOCUMENT "\"profil\": 1}", "RVM-M", "/profil");
    refuses_by_value(DOCUMENT "\"limits\": {\"native\": {\"call_depth\": 0}}}", "RVM-M", "/limits/native/call_depth");
    refuses_by_value(DOCUMENT "\"storage\": {\"engine\": \"absent\"}}", "RVM-", "absent");
    rvm_error error = {sizeof error, 0, ""};
    CHECK(rvm_runtime_open("/nonexistent/manifest.json", &error) == NULL);
    CHECK_EQ(error.code, RVM_E_CONFIG);
    CHECK(strstr(error.message, "/nonexistent/manifest.json") != NULL);
    rvm_runtime_close(NULL);
}

/* ---- Two deployments in one process ---- */

static void two_runtimes(const char* manifest) {
    rvm_error error = {sizeof error, 0, ""};
    /* One deployment allows no answer as long as the program's. */
    static const char small[] = "{\"format_version\": 1, \"name\": \"small\", \"profile\": \"standard\","
                                "\"limits\": {\"native\": {\"output_bytes\": 16}}}";
    rvm_runtime* one = rvm_runtime_open(manifest, &error);
    rvm_runtime* other = rvm_runtime_open_text(small, ".", &error);
    CHECK(one != NULL && other != NULL);
    if (one == NULL || other == NULL) {
        fprintf(complaints, "%s\n", error.message);
        return;
    }
    CHECK(rvm_runtime_context(one) != rvm_runtime_context(other));
    const rvm_host_world* worlds = rvm_runtime_worlds(one);
    rvm_world* in_one = world_with_contract(one);
    rvm_world* in_other = world_with_contract(other);
    struct receipt receipt;
    for (uint64_t round = 1; round <= 3; ++round) {
        deposit(worlds, in_one, 10, &receipt);
        CHECK_EQ(receipt.status, RVM_OK);
        CHECK_EQ(receipt.output, 10 * round);
        deposit(worlds, in_other, 10, &receipt); /* 32 bytes of output are above its limit: trapped, undone */
        CHECK_EQ(receipt.status, RVM_TRAP_LIMIT);
        CHECK_EQ(receipt.gas_used, GAS);
        CHECK_EQ(receipt.changed_accounts, 0);
        CHECK_EQ(receipt.log_count, 0);
    }
    worlds->close(in_other);
    rvm_runtime_close(other);
    deposit(worlds, in_one, 12, &receipt); /* lives on without the other */
    CHECK_EQ(receipt.output, 42);
    worlds->close(in_one);
    rvm_runtime_close(one);
}

static void* on_small_stack(void* argument) {
    runs_a_program(argument);
    return NULL;
}

/* ---- What belongs to the process ---- */

#define SIGNALS 64
struct process {
    struct sigaction actions[SIGNALS + 1];
    sigset_t mask;
    char locale[256];
    char directory[4096];
    mode_t mode;
    int rounding;
};

static void observe(struct process* out) {
    memset(out, 0, sizeof *out);
    for (int signal = 1; signal <= SIGNALS; ++signal)
        sigaction(signal, NULL, &out->actions[signal]); /* fails for the two that libc keeps: zeros both times */
    pthread_sigmask(SIG_SETMASK, NULL, &out->mask);
    snprintf(out->locale, sizeof out->locale, "%s", setlocale(LC_ALL, NULL));
    CHECK(getcwd(out->directory, sizeof out->directory) != NULL);
    out->mode = umask(0);
    umask(out->mode);
    out->rounding = fegetround();
}

static void compare(const struct process* before, const struct process* after) {
    for (int signal = 1; signal <= SIGNALS; ++signal) {
        if (before->actions[signal].sa_handler != after->actions[signal].sa_handler ||
            before->actions[signal].sa_flags != after->actions[signal].sa_flags) {
            fprintf(complaints, "the handler of signal %d changed\n", signal);
            ++failures;
        }
    }
    CHECK(memcmp(&before->mask, &after->mask, sizeof before->mask) == 0);
    CHECK(strcmp(before->locale, after->locale) == 0);
    CHECK(strcmp(before->directory, after->directory) == 0);
    CHECK_EQ(before->mode, after->mode);
    CHECK_EQ(before->rounding, after->rounding);
}

static void ours(int signal) { (void)signal; }

/* Standard output and error go to a file from now on; its size later is what the library printed. */
static int watch_output(void) {
    complaints = fdopen(dup(STDERR_FILENO), "w");
    FILE* sink = tmpfile();
    if (complaints == NULL || sink == NULL) abort();
    setvbuf(complaints, NULL, _IONBF, 0);
    fflush(stdout);
    dup2(fileno(sink), STDOUT_FILENO);
    dup2(fileno(sink), STDERR_FILENO);
    return fileno(sink);
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    FILE* file = fopen(argv[2], "rb");
    if (file == NULL) return 2;
    program_size = fread(program, 1, sizeof program, file);
    fclose(file);

    const int sink = watch_output();
    /* What the host process set up, and a library must leave alone. */
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGSEGV, ours);
    signal(SIGPIPE, ours);
    signal(SIGUSR1, SIG_IGN);
    struct process before, after;
    observe(&before);

    CHECK(strcmp(rvm_version(), "0.1.0") == 0);
    CHECK(strcmp(rvm_status_text(RVM_TRAP_OUT_OF_GAS), "out of gas") == 0);
    rvm_error error = {sizeof error, 0, ""};
    rvm_runtime* runtime = rvm_runtime_open(argv[1], &error);
    if (runtime == NULL) {
        fprintf(complaints, "%s\n", error.message);
        return 1;
    }
    CHECK_EQ(strlen(rvm_runtime_findings(runtime)), 0);
    runs_a_program(runtime);
    pthread_attr_t attributes; /* a world belongs to one thread at a time, the runtime to all */
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    CHECK_EQ(pthread_create(&thread, &attributes, on_small_stack, runtime), 0);
    pthread_join(thread, NULL);
    rvm_runtime_close(runtime);
    errors_are_values();
    two_runtimes(argv[1]);

    observe(&after);
    compare(&before, &after);
    fflush(stdout);
    struct stat printed;
    CHECK_EQ(fstat(sink, &printed), 0);
    CHECK_EQ(printed.st_size, 0);
    return failures == 0 ? 0 : 1;
}
