// The reader of state files (`--state FILE`, `rvm state import`): any text is refused with its name and a message, and
// nothing of it is in the world, or is a world whose text is read again as the same world.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "program/alloc.hpp"
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

namespace {

using namespace rvm;

void need(bool good) {
    if (!good) std::abort();
}

/// A runtime keeps all code it has seen: a new one now and then.
Runtime& runtime() {
    constexpr int inputs_a_runtime = 5000;
    static std::unique_ptr<Runtime> opened;
    static int used = 0;
    if (opened == nullptr || ++used >= inputs_a_runtime) {
        opened.reset();
        Report report;
        opened = Runtime::open_text(R"({"format_version": 1, "profile": "development", "trust": {"require": "none"}})",
                                    "alloc.json", {}, report);
        need(opened != nullptr);
        used = 0;
    }
    return *opened;
}

/// The text of the world that `text` makes; nullopt when it is refused.
std::optional<std::string> read(std::string_view text, host::StateForm form) {
    World world(runtime(), World::ephemeral);
    try {
        host::load_alloc(text, "input.json", form, runtime(), world);
    } catch (const Failure& failure) {
        need(!failure.report().ok());
        for (const Finding& finding : failure.report().findings()) {
            need(!finding.message.empty() && finding.code != ErrorCode::internal);
            need(finding.code != ErrorCode::world_misuse && finding.code != ErrorCode::host_failed);
        }
        need(host::alloc_text(world) == "{}\n");
        return std::nullopt;
    }
    return host::alloc_text(world);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto as_alloc = read(text, host::StateForm::alloc);
    const auto as_genesis = read(text, host::StateForm::alloc_or_genesis);
    if (as_alloc) need(as_genesis == as_alloc); // what the narrower form takes the wider one takes alike
    if (as_genesis) need(read(*as_genesis, host::StateForm::alloc) == as_genesis);
    return 0;
}
