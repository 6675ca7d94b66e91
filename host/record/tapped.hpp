// A table of the host with some of its functions replaced by ours, which call them.
#pragma once

namespace rvm::record {

/// The host's tables are static: one of each kind in a process. Filled once, before programs run; then any thread reads it.
template <class Table>
class Tapped {
  public:
    /// Our table in place of the host's; `replace(Table&)` sets functions in a copy of it.
    template <class Replace>
    [[nodiscard]] const Table* over(const void* host, Replace&& replace) {
        if (host_ == host) return &ours_; // which threads may be using
        host_ = static_cast<const Table*>(host);
        ours_ = *host_;
        replace(ours_);
        return &ours_;
    }
    [[nodiscard]] bool known() const noexcept { return host_ != nullptr; }
    /// The host's own functions.
    [[nodiscard]] const Table* operator->() const noexcept { return host_; }
    [[nodiscard]] const Table& operator*() const noexcept { return *host_; }
    [[nodiscard]] const Table& ours() const noexcept { return ours_; }

  private:
    const Table* host_ = nullptr;
    Table ours_{};
};

} // namespace rvm::record
