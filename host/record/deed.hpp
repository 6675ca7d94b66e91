// What an EXTERNAL item does to the world besides answering: calls of rvm.host.state/1 and rvm.host.vm/1 that have an effect.
// They are recorded, and done again at replay, where the item itself does not run.
#pragma once

#include <cstdint>

#include "record/coding.hpp"
#include "record/recording.hpp"

namespace rvm::record {

/// One such call. Which members count depends on the kind.
struct Deed {
    enum class Kind : std::uint8_t {
        account, ///< address; flags: want, with RVM_WANT_WARM
        sload,   ///< key; flags: want
        sstore,  ///< key, value; flags: want
        tstore,  ///< key, value
        log,     ///< log
        touch,   ///< address, flags
        destroy, ///< address: the heir; flags: mode
        call,    ///< message
        reserve, ///< bytes
    };
    static constexpr auto last_kind = Kind::reserve;

    Kind kind = Kind::account;
    std::int64_t gas = 0; ///< what the item took from its frame since it began, or since its last deed
    std::uint32_t flags = 0;
    rvm_address address{};
    rvm_u256 key{}, value{};
    Log log;
    Message message;
    std::int64_t bytes = 0; ///< of the memory budget; negative: given back
};

void put(Encoder& out, const Deed& deed);
/// Throws Malformed.
[[nodiscard]] Deed get_deed(Decoder& in);

/// Does it again in `frame`, with the gas the item took before it. What comes of it is told to the listener of this thread.
/// Returns what the host's function did.
[[nodiscard]] rvm_status repeat(const Deed& deed, rvm_frame* frame);

/// While it lives, what this thread does to the world is what an item does, and the listener is told of deeds: but not while
/// a program runs that the item calls.
class ItemRuns {
  public:
    explicit ItemRuns(bool runs = true) noexcept;
    ~ItemRuns();
    ItemRuns(const ItemRuns&) = delete;
    ItemRuns& operator=(const ItemRuns&) = delete;
    [[nodiscard]] static bool now() noexcept;

  private:
    bool before_;
};

/// A table that tells of deeds in place of the host's; `table` itself where `id` is another interface.
[[nodiscard]] const void* tap_deeds(const char* id, const void* table) noexcept;

} // namespace rvm::record
