// The formats that a store's accounts need: one short record, so that a deployment that lacks one can refuse to open the
// store without reading all of it.
#pragma once

#include "state/store_reader.hpp"

#include <rvm/plugin.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rvm::state {

/// Format id -> the account that first had code of it. A format stays when its last account is gone.
using StoreFormats = std::map<std::string, rvm_address, std::less<>>;

/// The record: for each format the length of its id (1), the id, the address (20), ascending by id.
[[nodiscard]] std::vector<std::uint8_t> encode(const StoreFormats& formats);
/// False: the bytes are not such a record.
[[nodiscard]] bool decode(rvm_view bytes, StoreFormats* out);

/// The record of a store; empty for one that was never written. RVM_E_IO: damaged or missing.
[[nodiscard]] rvm_status read_formats(const StoreReader& reader, StoreFormats* out);
/// An account whose code is of `format`: `first` if it is one still, else the first of all. RVM_E_NOT_FOUND: there is none
/// any more, which takes reading every account.
[[nodiscard]] rvm_status account_of_format(const StoreReader& reader, std::string_view format, const rvm_address& first,
                                           rvm_address* out);

} // namespace rvm::state
