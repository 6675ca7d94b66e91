#include "hot/tier_up.hpp"

#include "hot/translator.hpp"
#include "interpreter.hpp"

namespace rvm::evm::hot {

[[gnu::noinline]] rvm_status tier_up(Machine& m, Position at) noexcept {
    m.hot_below = INT64_MIN; // once a frame
    const std::unique_ptr<Program> program = translate(m.code, m.schedule);
    if (program == nullptr) return interpret(m, at);
    HotMachine hot(m, *program);
    return run(hot, at);
}

} // namespace rvm::evm::hot
