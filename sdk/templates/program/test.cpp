// The program in the SDK's test host, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Bytes input = {1, 2, 3, 4};
    const auto run = host.run_program("<<name>>/swap", input);
    check(run.status == RVM_OK && run.output == Bytes{3, 4, 1, 2}, "the halves change places");
    check(run.gas_used == 18, "it costs 15 and 3 for one word");
    check(host.run_program("<<name>>/swap", input, 17).status == RVM_TRAP_OUT_OF_GAS, "17 gas are too little");
    const Bytes odd = {1, 2, 3};
    check(host.run_program("<<name>>/swap", odd).status == RVM_TRAP_CRYPTO, "an odd input is malformed");
    check(host.violations().empty(), "no promise is broken");
    return failures == 0 ? 0 : 1;
}
