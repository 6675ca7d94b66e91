// The opcode in the SDK's test host, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto run = host.run_opcode("<<name>>.apply", {30, 12});
    check(run.status == RVM_OK && run.words.at(0) == 42, "30 and 12 give 42");
    check(run.gas_used == 3, "it costs 3 gas");
    const auto poor = host.run_opcode("<<name>>.apply", {30, 12}, {.gas = 2});
    check(poor.status == RVM_TRAP_OUT_OF_GAS, "2 gas are too little");
    check(host.violations().empty(), "no promise is broken");
    return failures == 0 ? 0 : 1;
}
