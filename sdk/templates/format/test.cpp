// The format in the SDK's test host, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Bytes product = {0xc0, 0xde, 0x01, 1, 6, 1, 7, 3, 0}; // 6 * 7
    const auto run = host.run_frame("<<name>>", product);
    check(run.status == RVM_OK && run.output.size() == 32 && run.output.back() == 42, "6 * 7 is 42");
    check(run.gas_used == 4, "four instructions cost 4 gas");
    check(host.run_frame("<<name>>", product, {.gas = 3}).status == RVM_TRAP_OUT_OF_GAS, "3 gas are too little");
    const Bytes broken[] = {{0xc0, 0xde, 0x01}, {0xc0, 0xde, 0x01, 2}, {0xc0, 0xde, 0x01, 1}, {0xc0, 0xde, 0x01, 1, 1, 9, 0}};
    for (const Bytes& code : broken) {
        check(host.run_frame("<<name>>", code).status == RVM_TRAP_INVALID_CODE, "broken code is refused");
    }
    check(host.violations().empty(), "no promise is broken");
    return failures == 0 ? 0 : 1;
}
