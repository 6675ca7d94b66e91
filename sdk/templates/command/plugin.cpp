// <<name>>: the verb `rvm <<name>>`, which counts the bytes of standard input.
#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

std::int32_t print(const rvm_command_io* io, std::uint32_t stream, const std::string& text) {
    return io->write(io->ctx, stream, sdk::view(std::string_view(text))) == RVM_OK ? RVM_EXIT_OK : RVM_EXIT_INTERNAL;
}

std::int32_t count(const rvm_command_io* io, std::span<const char* const> arguments) {
    if (!arguments.empty()) {
        print(io, RVM_IO_ERROR, std::string(arguments.front()) + ": unexpected argument\n");
        return RVM_EXIT_USAGE;
    }
    std::array<std::uint8_t, 4096> bytes;
    std::uint64_t total = 0;
    for (;;) {
        rvm_span chunk = {bytes.data(), bytes.size()};
        if (io->read(io->ctx, &chunk) != RVM_OK) return RVM_EXIT_INTERNAL;
        if (chunk.size == 0) break;
        total += chunk.size;
    }
    const bool json = (io->flags & RVM_IO_JSON) != 0; // `rvm --json`
    return print(io, RVM_IO_OUT, json ? "{\"bytes\": " + std::to_string(total) + "}\n" : std::to_string(total) + " bytes\n");
}

// argv[0] is the verb. Standard streams are reached through `io` alone. [main]
std::int32_t run(void*, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept {
    std::int32_t exit = RVM_EXIT_INTERNAL;
    const rvm_status status = sdk::guard(nullptr, [&] {
        exit = count(io, std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    });
    return status == RVM_OK ? exit : RVM_EXIT_INTERNAL;
}

constexpr rvm_command item = {.struct_size = sizeof(rvm_command),
                              .flags = 0,
                              .id = "<<name>>",
                              .summary = "count the bytes of standard input", // as in the sidecar
                              .self = nullptr,
                              .run = run};

<<tail>>
