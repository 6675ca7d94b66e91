#include "run/instance_pool.hpp"

#include <algorithm>
#include <vector>

namespace rvm::wasm {
namespace {

constexpr std::size_t kept = 32; ///< on one thread: the depth of common call chains, over the programs of a few blocks

/// The longest waiting first. An instance keeps its program, so an address never names another one while it waits.
std::vector<std::unique_ptr<Instance>>& waiting() {
    thread_local std::vector<std::unique_ptr<Instance>> instances;
    return instances;
}

} // namespace

std::unique_ptr<Instance> take_instance(const Program& program) noexcept {
    auto& instances = waiting();
    const auto found = std::find_if(instances.rbegin(), instances.rend(),
                                    [&](const auto& instance) { return &instance->program() == &program; });
    if (found == instances.rend()) return nullptr;
    std::unique_ptr<Instance> taken = std::move(*found);
    instances.erase(std::next(found).base());
    return taken;
}

void keep_instance(std::unique_ptr<Instance> instance) noexcept {
    try {
        instance->reset();
        auto& instances = waiting();
        if (instances.size() == kept) instances.erase(instances.begin());
        instances.push_back(std::move(instance));
    } catch (const std::bad_alloc&) { // then it goes
    }
}

} // namespace rvm::wasm
