// The tracer, fed by hand, without dlopen.
<<test_head>>
} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto& tracer = host.find<rvm_tracer>(RVM_KIND_TRACER, "<<name>>");
    void* cookies[2] = {};
    for (int i = 0; i < 2; ++i) {
        check(tracer.begin(tracer.self, "{}", 1, &cookies[i]) == RVM_OK, "an execution begins");
    }
    rvm_message message{};
    message.struct_size = sizeof message;
    rvm_op_event event{};
    event.struct_size = sizeof event;
    tracer.enter(tracer.self, cookies[0], 7, &message, "native");
    for (int i = 0; i < 3; ++i) {
        tracer.op(tracer.self, cookies[0], 7, &event);
    }
    tracer.fault(tracer.self, cookies[0], 7, &event, RVM_TRAP_ARITHMETIC);
    const char* expected[2] = {"frames 1, instructions 3, traps 1\n", "frames 0, instructions 0, traps 0\n"};
    rvm_result result{};
    result.struct_size = sizeof result;
    for (int i = 0; i < 2; ++i) {
        rvm_view text{};
        check(tracer.text(tracer.self, cookies[i], &text) == RVM_OK, "there is a text");
        check(std::string_view(reinterpret_cast<const char*>(text.data), text.size) == expected[i],
              "it counts its own execution and no other");
        tracer.end(tracer.self, cookies[i], &result);
    }
    return failures == 0 ? 0 : 1;
}
