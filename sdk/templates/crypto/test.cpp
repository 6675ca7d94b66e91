// The hash in the SDK's test host, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    check(host.failing_known_answers("<<name>>.fnv1a") == 0, "the known answers hold");
    const Bytes foobar = {'f', 'o', 'o', 'b', 'a', 'r'};
    const Bytes digest = {0x85, 0x94, 0x41, 0x71, 0xf7, 0x39, 0x67, 0xe8};
    check(host.run_crypto("<<name>>.fnv1a", foobar).output == digest, "foobar has the digest its authors publish");
    check(host.violations().empty(), "no promise is broken");
    return failures == 0 ? 0 : 1;
}
