// from_cpp PROGRAM.rvm: as from_c, with the plugin linked in and the C++ API.
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include <rvm/runtime.hpp>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    std::ifstream file(argv[1], std::ios::binary);
    const std::vector<char> code{std::istreambuf_iterator<char>(file), {}};

    rvm::Report report;
    rvm::RuntimeOptions options;
    options.builtins = {&rvm_plugin_entry_v0};
    auto runtime = rvm::Runtime::open_text(R"({"format_version": 1, "profile": "standard"})", "manifest.json", options, report);
    if (runtime == nullptr) {
        std::cerr << report.text() << "\n";
        return 1;
    }
    rvm::World world(*runtime, rvm::World::ephemeral);
    world.begin({});
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = 100'000;
    message.recipient.bytes[19] = 0x22;
    message.code_address = message.recipient;
    const rvm_view view{reinterpret_cast<const std::uint8_t*>(code.data()), code.size()};
    world.set_code(world.account(message.recipient, RVM_WANT_CODE), view, "native");
    const rvm::Outcome outcome = world.execute(message);
    std::cout << rvm_u256_from_bytes(outcome.output.data(), outcome.output.size()).limbs[0] << "\n";
    return outcome.status == RVM_OK ? 0 : 1;
}
