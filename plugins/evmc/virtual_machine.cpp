#include "virtual_machine.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rvm::evmc {
namespace {

struct Destroy {
    void operator()(Vm* vm) const noexcept { vm->destroy(vm); }
};
using Instance = std::unique_ptr<Vm, Destroy>;

/// One machine of this thread. The code behind it is never unloaded.
struct Entry {
    std::weak_ptr<const bool> life; ///< its VirtualMachine's
    Instance vm;
};
thread_local bool ended = false; ///< whether the thread has destroyed its list: one object may outlive it, at exit
struct Instances {
    std::vector<Entry> list;
    Instances() = default;
    Instances(const Instances&) = delete;
    Instances& operator=(const Instances&) = delete;
    ~Instances() { ended = true; }
};
std::vector<Entry>& instances() {
    thread_local Instances own;
    return own.list;
}
void forget_dead_instances() {
    if (ended) return;
    std::erase_if(instances(), [](const Entry& entry) { return entry.life.expired(); });
}
/// By owner: an entry keeps what it is counted with, so no later life can be taken for it.
bool belongs(const Entry& entry, const std::shared_ptr<const bool>& life) noexcept {
    return !entry.life.owner_before(life) && !life.owner_before(entry.life);
}

} // namespace

VirtualMachine::VirtualMachine(sdk::Host host, const Configuration& configuration)
    : configuration_(configuration), life_(std::make_shared<const bool>(true)) {
    void* address = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    const rvm_status status = host.need<rvm_host_library>(RVM_HOST_LIBRARY)
                                  .load(host.get()->ctx, configuration_.library.c_str(), configuration_.sha256.c_str(),
                                        configuration_.symbol.c_str(), &address, &error);
    if (status != RVM_OK) throw sdk::Failure(status, error.message);
    create_ = reinterpret_cast<CreateFn>(address);
    static_cast<void>(instance());
}

VirtualMachine::~VirtualMachine() {
    life_.reset();
    forget_dead_instances();
}

Vm& VirtualMachine::instance() const {
    for (const Entry& entry : instances())
        if (belongs(entry, life_)) return *entry.vm;
    forget_dead_instances();
    Instance made(make());
    instances().push_back({life_, std::move(made)});
    return *instances().back().vm;
}

Vm* VirtualMachine::make() const {
    const auto refuse = [this](const std::string& text) {
        throw sdk::Failure(RVM_E_CONFIG, configuration_.library + ": " + text);
    };
    Vm* const vm = create_();
    if (vm == nullptr) refuse(configuration_.symbol + "() gave no virtual machine");
    // Another version has another layout: nothing else may be read, so nothing can be destroyed either.
    if (vm->abi_version != abi_version)
        refuse("EVMC ABI version: expected " + std::to_string(abi_version) + ", found " +
               std::to_string(vm->abi_version));
    if (vm->destroy == nullptr) refuse("the virtual machine lacks the mandatory function destroy");
    Instance owner(vm);
    if (vm->execute == nullptr) refuse("the virtual machine lacks the mandatory function execute");
    for (const std::string& option : configuration_.options) {
        const auto [name, value] = split_option(option);
        const SetOptionResult result =
            vm->set_option == nullptr ? SetOptionResult::invalid_name : vm->set_option(vm, name.c_str(), value.c_str());
        if (result == SetOptionResult::success) continue;
        refuse("the virtual machine refuses the " +
               std::string(result == SetOptionResult::invalid_value ? "value" : "name") + " of the option \"" + option +
               "\"");
    }
    return owner.release();
}

} // namespace rvm::evmc
