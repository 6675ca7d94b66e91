#include "virtual_machine.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace rvm::evmc {
namespace {

struct Destroy {
    void operator()(Vm* vm) const noexcept { vm->destroy(vm); }
};
using Instance = std::unique_ptr<Vm, Destroy>;

/// This thread's instances by the serial number of their VirtualMachine. The code behind them is never unloaded.
std::vector<std::pair<std::uint64_t, Instance>>& instances() {
    thread_local std::vector<std::pair<std::uint64_t, Instance>> list;
    return list;
}

std::pair<std::string, std::string> split(const std::string& option) {
    const std::size_t at = option.find('=');
    return at == std::string::npos ? std::pair{option, std::string{}}
                                   : std::pair{option.substr(0, at), option.substr(at + 1)};
}

} // namespace

std::string create_function_of(std::string_view file) {
    std::string_view name =
        file.substr(file.find_last_of('/') == std::string_view::npos ? 0 : file.find_last_of('/') + 1);
    if (name.starts_with("lib")) name.remove_prefix(3);
    name = name.substr(0, name.find('.'));
    std::string symbol = "evmc_create_" + std::string(name);
    std::ranges::replace(symbol, '-', '_');
    return symbol;
}

Configuration Configuration::parse(std::string_view json) {
    const auto tree = nlohmann::json::parse(json);
    Configuration out;
    out.library = tree.at("library").get<std::string>();
    out.sha256 = tree.at("sha256").get<std::string>();
    out.symbol = tree.at("symbol").get<std::string>();
    if (out.symbol.empty()) out.symbol = create_function_of(out.library);
    out.options = tree.at("options").get<std::vector<std::string>>();
    for (const std::string& option : out.options)
        if (split(option).first.empty())
            throw sdk::Failure(RVM_E_CONFIG, "/options: expected NAME=VALUE or NAME, found \"" + option + "\"");
    out.native_stack = tree.at("native_stack").get<std::uint64_t>();
    return out;
}

VirtualMachine::VirtualMachine(sdk::Host host, const Configuration& configuration) : configuration_(configuration) {
    static std::atomic<std::uint64_t> last{0};
    serial_ = ++last;
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

Vm& VirtualMachine::instance() const {
    for (const auto& [serial, vm] : instances())
        if (serial == serial_) return *vm;
    Instance made(make());
    instances().emplace_back(serial_, std::move(made));
    return *instances().back().second;
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
        const auto [name, value] = split(option);
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
