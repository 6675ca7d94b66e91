#include "program/engine_verb.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/interrupt.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

std::string EngineAnswer::why() const {
    std::string text = err.empty() ? fmt::format("exit status {}", status) : err;
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    const std::size_t colon = text.find(": ");
    if (text.starts_with("error RVM-") && colon != text.npos) text.erase(0, colon + 2);
    return text;
}

std::optional<EngineAnswer> ask_engine(Session& session, const char* action) {
    Runtime& runtime = session.runtime();
    const std::string& engine = runtime.manifest().storage.engine;
    if (runtime.registry().provider(RVM_KIND_COMMAND, engine) == nullptr) return std::nullopt;
    Report report;
    const auto command = runtime.registry().find<rvm_command>(engine, report);
    if (!command) throw Failure(std::move(report));

    EngineAnswer answer;
    rvm_command_io io{};
    io.struct_size = sizeof io;
    io.flags = RVM_IO_JSON;
    io.ctx = &answer;
    io.write = [](void* ctx, std::uint32_t stream, rvm_view text) -> rvm_status {
        auto& target = *static_cast<EngineAnswer*>(ctx);
        (stream == RVM_IO_ERROR ? target.err : target.out)
            .append(reinterpret_cast<const char*>(text.data), static_cast<std::size_t>(text.size));
        return RVM_OK;
    };
    io.read = [](void*, rvm_span* out) -> rvm_status {
        out->size = 0;
        return RVM_OK;
    };
    io.progress = [](void*, const char*, std::uint64_t, std::uint64_t) {};
    io.cancelled = [](void*) -> std::uint32_t { return InterruptWatch::interrupted() ? 1 : 0; };
    io.run_verb = [](void*, std::int32_t, const char* const*) -> std::int32_t { return RVM_EXIT_USAGE; };
    const std::array<const char*, 2> words{engine.c_str(), action};
    answer.status = command->run(command->self, &io, static_cast<std::int32_t>(words.size()), words.data());
    return answer;
}

nlohmann::ordered_json engine_json(Session& session, const char* action, const EngineAnswer& answer) {
    auto json = nlohmann::ordered_json::parse(answer.out, nullptr, false);
    if (answer.status == RVM_EXIT_OK && json.is_object()) return json;
    throw failure(answer.status == RVM_EXIT_CONFIG ? ErrorCode::store_commit_failed : ErrorCode::internal,
                  session.runtime().manifest().file, "/storage", fmt::format("{}: {}", action, answer.why()));
}

} // namespace rvm::host
