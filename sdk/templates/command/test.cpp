// The verb with streams of its own, without dlopen.
<<test_head>>
struct Streams {
    std::string_view input;
    std::string output, error;
};
Streams& streams(void* ctx) { return *static_cast<Streams*>(ctx); }

std::int32_t run(const rvm_command& command, Streams& s, std::uint32_t flags, std::initializer_list<const char*> words) {
    rvm_command_io io{};
    io.struct_size = sizeof io;
    io.flags = flags;
    io.ctx = &s;
    io.write = [](void* ctx, std::uint32_t stream, rvm_view text) -> rvm_status {
        (stream == RVM_IO_OUT ? streams(ctx).output : streams(ctx).error)
            .append(reinterpret_cast<const char*>(text.data), text.size);
        return RVM_OK;
    };
    io.read = [](void* ctx, rvm_span* out) -> rvm_status {
        std::string_view& rest = streams(ctx).input;
        out->size = rest.copy(reinterpret_cast<char*>(out->data), out->size);
        rest.remove_prefix(out->size);
        return RVM_OK;
    };
    return command.run(command.self, &io, static_cast<std::int32_t>(words.size()), words.begin());
}

} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto& command = host.find<rvm_command>(RVM_KIND_COMMAND, "<<name>>");
    const std::string text(10'000, 'x');
    Streams plain{text, {}, {}}, json{text, {}, {}}, wrong{text, {}, {}};
    check(run(command, plain, 0, {"<<name>>"}) == RVM_EXIT_OK && plain.output == "10000 bytes\n", "10000 bytes are counted");
    check(run(command, json, RVM_IO_JSON, {"<<name>>"}) == RVM_EXIT_OK && json.output == "{\"bytes\": 10000}\n",
          "and said as JSON");
    check(run(command, wrong, 0, {"<<name>>", "word"}) == RVM_EXIT_USAGE && wrong.output.empty() && !wrong.error.empty(),
          "a word it does not know is refused");
    return failures == 0 ? 0 : 1;
}
