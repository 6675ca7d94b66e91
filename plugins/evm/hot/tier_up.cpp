#include "hot/tier_up.hpp"

#include "hot/translator.hpp"
#include "interpreter.hpp"

namespace rvm::evm::hot {
namespace {

/// Instructions of plugins are not translated.
bool has_plugin_ops(const Code& code, const Schedule& schedule) noexcept {
    if (!schedule.has_plugin_ops()) return false;
    for (std::uint64_t at = 0; at < code.size; at += 1 + immediate_bytes(code.bytes[at]))
        if (schedule.from_plugin[code.bytes[at]]) return true;
    return false;
}

/// The translation, made now if there is none yet; nullptr without memory, and for code that stays direct.
const Program* translation(const Code& code, const Schedule& schedule) noexcept {
    const Program* ready = code.program.load(std::memory_order_acquire);
    if (ready != nullptr) return ready;
    if (has_plugin_ops(code, schedule)) {
        code.stays_direct.store(true, std::memory_order_relaxed);
        return nullptr;
    }
    std::unique_ptr<const Program> made = translate(code, schedule);
    if (made == nullptr) return nullptr;
    if (!code.program.compare_exchange_strong(ready, made.get(), std::memory_order_acq_rel)) return ready;
    return made.release();
}

} // namespace

[[gnu::noinline]] rvm_status tier_up(Machine& m, Position at) noexcept {
    m.hot_below = INT64_MIN; // once a frame
    const Program* const program = translation(m.code, m.schedule);
    if (program == nullptr) return interpret(m, at);
    HotMachine hot(m, *program);
    return run(hot, at);
}

} // namespace rvm::evm::hot
