#include "hot/tier_up.hpp"

#include "hot/translator.hpp"
#include "interpreter.hpp"

namespace rvm::evm::hot {
namespace {

/// The translation, made now if there is none yet; nullptr without memory.
const Program* translation(const Code& code, const Schedule& schedule) noexcept {
    const Program* ready = code.program.load(std::memory_order_acquire);
    if (ready != nullptr) return ready;
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
