// The precompiles over the primitives of org.rvm.crypto, in a host that knows nothing but how to find them.
#pragma once

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/test_host.hpp>

#include "precompiles/precompiles.hpp"

namespace rvm::evm::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    const auto digit = [](char c) -> unsigned {
        if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
        if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
        if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
        throw std::invalid_argument("no hex digit");
    };
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4u | digit(text[i + 1])));
    }
    return bytes;
}

struct ProgramRun {
    rvm_status status = RVM_OK;
    Bytes output{};
    std::int64_t gas_used = 0;
};

class PrecompileHost {
  public:
    PrecompileHost() {
        crypto_.load(rvm_plugin_entry_v0);
        host_.struct_size = sizeof host_;
        host_.ctx = reinterpret_cast<rvm_host_ctx*>(this);
        host_.log = [](rvm_host_ctx* ctx, std::uint32_t, const char* text) { of(ctx).log_.emplace_back(text); };
        host_.get_interface = [](rvm_host_ctx* ctx, const char* id) -> const void* {
            return of(ctx).has_items && std::string_view(id) == RVM_HOST_ITEMS ? &of(ctx).items_ : nullptr;
        };
        items_.struct_size = sizeof items_;
        items_.crypto = [](rvm_host_ctx* ctx, const char* id, const rvm_crypto** out) -> rvm_status {
            of(ctx).asked_.emplace_back(id);
            if (id == of(ctx).missing) return RVM_E_NOT_FOUND;
            for (const rvm_contribution& item : of(ctx).crypto_.items()) {
                if (std::string_view(item.kind) != RVM_KIND_CRYPTO) continue;
                *out = static_cast<const rvm_crypto*>(item.item);
                if (std::string_view((*out)->id) == id) return RVM_OK;
            }
            return RVM_E_NOT_FOUND;
        };
    }
    PrecompileHost(const PrecompileHost&) = delete;
    PrecompileHost& operator=(const PrecompileHost&) = delete;

    rvm_status link() { return precompiles.link(&host_); }

    /// The program at an address under a rule set; NULL: there is none. Throws when there are two.
    [[nodiscard]] const rvm_program* find(unsigned address, std::string_view rules) const {
        const rvm_program* found = nullptr;
        for (const rvm_program& program : precompiles.programs()) {
            if (address_of(program) != address) continue;
            for (const char* const* name = program.rules; *name != nullptr; ++name) {
                if (rules != *name) continue;
                if (found != nullptr) throw std::logic_error("two programs at one address");
                found = &program;
            }
        }
        return found;
    }

    static unsigned address_of(const rvm_program& program) {
        if (std::any_of(program.address.bytes, program.address.bytes + 18, [](std::uint8_t b) { return b != 0; })) {
            throw std::logic_error("an address above 16 bits");
        }
        return program.address.bytes[18] * 256u + program.address.bytes[19];
    }

    /// As the host of a transaction calls it: first with `room` bytes, then with what the program asked for.
    static ProgramRun run(const rvm_program& program, const Bytes& input, std::int64_t gas = INT64_MAX,
                          std::size_t room = 1024) {
        ProgramRun run;
        for (int attempt = 0; attempt < 2; ++attempt) {
            sdk::test::Guarded output(room);
            rvm_span out = output.span();
            std::int64_t left = gas;
            run.status = program.run(program.self, {input.data(), input.size()}, &left, &out);
            if (!output.intact()) throw std::logic_error("the program wrote outside its output");
            run.gas_used = gas - left;
            if (run.status == RVM_E_BUFFER_TOO_SMALL) {
                if (left != gas) throw std::logic_error("gas was taken without an answer");
                room = out.size;
                continue;
            }
            if (run.status == RVM_OK) run.output.assign(out.data, out.data + out.size);
            return run;
        }
        throw std::logic_error("asks for room twice");
    }

    ProgramRun run(unsigned address, std::string_view rules, const Bytes& input, std::int64_t gas = INT64_MAX) const {
        const rvm_program* program = find(address, rules);
        if (program == nullptr) throw std::logic_error("no program there");
        return run(*program, input, gas);
    }

    [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }
    /// Ids of primitives the precompiles have asked for, in order.
    [[nodiscard]] const std::vector<std::string>& asked() const noexcept { return asked_; }

    Precompiles precompiles;
    std::string missing;   ///< id of a primitive that the host does not find
    bool has_items = true; ///< offers rvm.host.items/1

  private:
    static PrecompileHost& of(rvm_host_ctx* ctx) { return *reinterpret_cast<PrecompileHost*>(ctx); }

    sdk::test::TestHost crypto_;
    rvm_host host_{};
    rvm_host_items items_{};
    std::vector<std::string> log_;
    std::vector<std::string> asked_;
};

} // namespace rvm::evm::test
