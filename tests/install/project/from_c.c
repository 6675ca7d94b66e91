/* from_c PLUGIN.so PROGRAM.rvm: runs the program in a deployment of the one plugin and prints the number it returns. */
#include <stdio.h>

#include <rvm/rvm.h>

static int fail(const char* what, const char* why) {
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    uint8_t code[4096];
    FILE* file = fopen(argv[2], "rb");
    if (file == NULL) return fail(argv[2], "cannot be read");
    const uint64_t size = fread(code, 1, sizeof code, file);
    fclose(file);

    char manifest[4096];
    snprintf(manifest, sizeof manifest,
             "{\"format_version\": 1, \"profile\": \"development\", \"plugins\": [{\"path\": \"%s\"}]}", argv[1]);
    rvm_error error = {sizeof error, 0, ""};
    rvm_runtime* runtime = rvm_runtime_open_text(manifest, "/", &error);
    if (runtime == NULL) return fail("rvm_runtime_open_text", error.message);
    const rvm_host_world* worlds = rvm_runtime_worlds(runtime);
    rvm_world* world = NULL;
    if (worlds->open(rvm_runtime_context(runtime), RVM_WORLD_EPHEMERAL, &world, &error) != RVM_OK)
        return fail("open", error.message);

    rvm_tx_env env = {.struct_size = sizeof env};
    rvm_account* account = NULL;
    const rvm_address at = {{[19] = 0x22}};
    if (worlds->tx_begin(world, &env, &error) != RVM_OK || worlds->account(world, &at, RVM_WANT_CODE, &account) != RVM_OK ||
        worlds->set_code(world, account, (rvm_view){code, size}, NULL, "native", &error) != RVM_OK)
        return fail("set_code", error.message);
    rvm_message message = {.struct_size = sizeof message, .kind = RVM_CALL_CALL, .gas = 100000};
    message.recipient = message.code_address = at;
    rvm_result result = {.struct_size = sizeof result};
    const rvm_status status = worlds->execute(world, &message, &result, &error);
    if (status != RVM_OK) return fail(rvm_status_text(status), error.message);
    const rvm_u256 answer = rvm_u256_from_bytes(result.output.data, result.output.size);
    printf("%llu\n", (unsigned long long)answer.limbs[0]);
    worlds->close(world);
    rvm_runtime_close(runtime);
    return 0;
}
