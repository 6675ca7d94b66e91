// librvm-evmc: the EVM of this project behind EVMC. Exports evmc_create_rvm, and by the loaders' conventions for this
// file name evmc_create_rvm_evmc and evmc_create.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "status.hpp"
#include "vm/client_frame.hpp"
#include "vm/evm_plugin.hpp"
#include "words.hpp"

namespace rvm::evmc {
namespace {

struct FreeScratch {
    const rvm_format* format;
    void operator()(void* scratch) const noexcept {
        if (format->scratch_release != nullptr) format->scratch_release(format->self, scratch);
        std::free(scratch);
    }
};

/// What one depth keeps between frames.
struct Level {
    explicit Level(const rvm_format& format) : scratch(nullptr, FreeScratch{&format}) {
        constexpr std::size_t alignment = 64; // rvm_frame.scratch
        const std::size_t size = (format.scratch_bytes + alignment - 1) / alignment * alignment;
        scratch.reset(std::aligned_alloc(alignment, size));
        if (scratch == nullptr) throw std::bad_alloc();
        std::memset(scratch.get(), 0, size);
    }
    /// Code with the zeroes behind it that formats are promised; until the next code at this level.
    [[nodiscard]] rvm_view keep(rvm_view bytes) {
        code.resize(bytes.size + RVM_CODE_ZEROS);
        std::copy(bytes.data, bytes.data + bytes.size, code.begin());
        std::fill(code.begin() + static_cast<std::ptrdiff_t>(bytes.size), code.end(), std::uint8_t{0});
        return {code.data(), bytes.size};
    }

    ClientFrame frame;
    std::unique_ptr<void, FreeScratch> scratch;
    std::vector<std::uint8_t> code;
};

class RvmVm : public Vm {
  public:
    RvmVm() : Vm{evmc::abi_version, "rvm", RVM_EVMC_VM_VERSION, &destroy_vm, &execute_vm, &set_option_vm} {}

  private:
    static RvmVm& of(Vm* vm) noexcept { return static_cast<RvmVm&>(*vm); }
    static void destroy_vm(Vm* vm) noexcept { delete &of(vm); }

    /// tier=cold (the default: code is analysed on each call, as EVMC has no place to keep what was learned) or
    /// tier=hot.
    static SetOptionResult set_option_vm(Vm* vm, const char* name, const char* value) noexcept {
        if (std::string_view(name) != "tier") return SetOptionResult::invalid_name;
        const std::string_view tier = value == nullptr ? "" : value;
        if (tier != "cold" && tier != "hot") return SetOptionResult::invalid_value;
        of(vm).tier_ = tier == "hot" ? RVM_TIER_HOT : RVM_TIER_COLD;
        return SetOptionResult::success;
    }

    static Result execute_vm(Vm* vm, const HostInterface* host, HostContext* client, Revision revision,
                             const Message* message, const std::uint8_t* code, std::size_t code_size) noexcept {
        RvmVm& self = of(vm);
        Result failed{StatusCode::internal_error, 0, 0, nullptr, 0, nullptr};
        try {
            if (self.active_ == self.levels_.size())
                self.levels_.push_back(std::make_unique<Level>(self.plugin_.format()));
            if (self.active_ == 0)
                if (const rvm_status status = self.plugin_.set_environment(host->get_tx_context(client));
                    status != RVM_OK) {
                    failed.status_code = to_evmc(status);
                    return failed;
                }
            Level& level = *self.levels_[self.active_++];
            level.frame.host = host;
            level.frame.client = client;
            level.frame.revision = revision;
            const Result result = self.run(level, *message, level.keep({code, code_size}));
            --self.active_;
            return result;
        } catch (...) {
            failed.status_code = StatusCode::out_of_memory;
            return failed;
        }
    }

    Result run(Level& level, const Message& message, rvm_view code) noexcept {
        Result out{StatusCode::rejected, 0, 0, nullptr, 0, nullptr};
        const rvm_format& format = plugin_.format();
        ClientFrame& frame = level.frame;
        const std::uint32_t rules = plugin_.rules_of(frame.revision);
        if (rules == UINT32_MAX) return out;
        rvm_error error{};
        error.struct_size = sizeof error;
        rvm_artifact* artifact = nullptr;
        rvm_status status = format.compile(format.self, code, rules, tier_, &artifact, &error);
        if (status != RVM_OK) {
            out.status_code = to_evmc(status);
            return out;
        }
        open(level, message, code, rules);
        rvm_result result{};
        result.struct_size = sizeof result;
        status = format.execute(format.self, artifact, &frame, &result);
        format.release(format.self, artifact);
        if (status == RVM_OK && frame.gas < 0) status = RVM_TRAP_OUT_OF_GAS;
        out.status_code = to_evmc(status);
        if (status == RVM_OK || status == RVM_TRAP_REVERT) {
            out.gas_left = frame.gas;
            if (status == RVM_OK) out.gas_refund = frame.refund;
            if (!give(result.output, out)) out = {StatusCode::out_of_memory, 0, 0, nullptr, 0, nullptr};
        }
        frame.forget_nested();
        return out;
    }

    /// Fills the visible part of a frame from EVMC's message.
    void open(Level& level, const Message& message, rvm_view code, std::uint32_t rules) noexcept {
        ClientFrame& frame = level.frame;
        rvm_message& asked = frame.message;
        const bool is_static = (message.flags & flag_static) != 0;
        asked = {};
        asked.struct_size = sizeof asked;
        asked.depth = static_cast<std::uint32_t>(message.depth);
        asked.gas = message.gas;
        asked.sender = message.sender;
        asked.recipient = message.recipient;
        asked.code_address = message.code_address;
        asked.value = number(message.value);
        std::uint32_t flags = is_static ? RVM_FRAME_STATIC : 0;
        switch (message.kind) {
        case CallKind::call:
            asked.kind = is_static ? RVM_CALL_STATIC : RVM_CALL_CALL;
            break;
        case CallKind::callcode:
            asked.kind = RVM_CALL_CALLCODE;
            break;
        case CallKind::delegatecall:
            asked.kind = RVM_CALL_DELEGATE;
            break;
        case CallKind::create:
        case CallKind::create2:
            asked.kind = RVM_CALL_CREATE;
            asked.init_code = code;
            asked.code_address = message.recipient;
            flags |= RVM_FRAME_CREATE;
            break;
        }
        if (asked.kind != RVM_CALL_CREATE) asked.input = {message.input_data, message.input_size};
        if ((message.flags & flag_delegated) != 0) asked.flags = RVM_MESSAGE_DELEGATED | RVM_MESSAGE_NO_PROGRAM;

        frame.struct_size = sizeof(rvm_frame);
        frame.flags = flags;
        frame.depth = asked.depth;
        frame.rules = rules;
        frame.gas = message.gas;
        frame.refund = 0;
        frame.msg = &asked;
        frame.env = plugin_.environment();
        frame.returned = {};
        frame.own = {};
        frame.own.address = message.recipient;
        frame.code_owner = {};
        frame.code_owner.address = asked.code_address;
        frame.self = &frame.own;
        frame.code = same(frame.own.address, frame.code_owner.address) ? &frame.own : &frame.code_owner;
        frame.program = code;
        frame.scratch = level.scratch.get();
        frame.memory = {};
        frame.refresh();
    }

    /// The output outlives the frame's memory: a copy that release() frees.
    static bool give(rvm_view output, Result& out) noexcept {
        if (output.size == 0) return true;
        auto* const bytes = static_cast<std::uint8_t*>(std::malloc(output.size));
        if (bytes == nullptr) return false;
        std::memcpy(bytes, output.data, output.size);
        out.output_data = bytes;
        out.output_size = output.size;
        out.release = [](const Result* result) noexcept { std::free(const_cast<std::uint8_t*>(result->output_data)); };
        return true;
    }

    EvmPlugin plugin_;
    std::vector<std::unique_ptr<Level>> levels_; ///< by how deep execute() is re-entered
    std::size_t active_ = 0;
    std::uint32_t tier_ = RVM_TIER_COLD;
};

Vm* create() noexcept {
    try {
        return new RvmVm;
    } catch (...) {
        return nullptr;
    }
}

} // namespace
} // namespace rvm::evmc

extern "C" {
RVM_EXPORT rvm::evmc::Vm* evmc_create_rvm() { return rvm::evmc::create(); }
RVM_EXPORT rvm::evmc::Vm* evmc_create_rvm_evmc() { return rvm::evmc::create(); }
RVM_EXPORT rvm::evmc::Vm* evmc_create() { return rvm::evmc::create(); }
}
