#include "alone/watcher.hpp"

namespace rvm::wasm::alone {

thread_local Watcher* Watcher::current_ = nullptr;

} // namespace rvm::wasm::alone
