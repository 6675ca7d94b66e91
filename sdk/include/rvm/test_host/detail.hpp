// Test host: what its parts share. Included by <rvm/test_host.hpp>; not for direct use.
#ifndef RVM_TEST_HOST_DETAIL_HPP
#define RVM_TEST_HOST_DETAIL_HPP

#include <rvm/test_host.hpp>

namespace rvm::sdk::test {

namespace detail {

/// Contributions of one plugin; a longer list has no end mark.
inline constexpr std::size_t max_items = 4096;

inline rvm_view view(std::span<const std::uint8_t> bytes) { return {bytes.data(), bytes.size()}; }
inline Bytes copy(rvm_view view) { return view.size == 0 ? Bytes() : Bytes(view.data, view.data + view.size); }
inline std::string text(const char* text) { return text == nullptr ? std::string("(null)") : std::string(text); }

/// Statuses of plugin.h: traps up to RVM_TRAP_LIMIT, failures down to RVM_E_CANCELLED.
inline bool known_status(rvm_status status) { return status >= RVM_E_CANCELLED && status <= RVM_TRAP_LIMIT; }

} // namespace detail

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_DETAIL_HPP
