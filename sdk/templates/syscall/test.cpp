// The syscall in the SDK's test host, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Bytes input = {1, 2, 3};
    const auto run = host.run_syscall("<<name>>.reverse", input);
    check(run.status == RVM_OK && run.output == Bytes{3, 2, 1}, "1 2 3 comes back as 3 2 1");
    check(run.gas_used == 23, "it costs 20 and 3 for one unit of 32 bytes");
    check(host.run_syscall("<<name>>.reverse", input, 2).status == RVM_TRAP_LIMIT, "an answer that does not fit traps");
    check(host.run_syscall("<<name>>.reverse", {}).output.empty(), "nothing stays nothing");
    check(host.violations().empty(), "no promise is broken");
    return failures == 0 ? 0 : 1;
}
