// The deployment's store below the worlds: what `rvm state` reads.
#pragma once

#include "cli/session.hpp"
#include "state/store_reader.hpp"
#include "state/store_verify.hpp"

namespace rvm::host {

/// The store of a manifest whose storage lasts.
class DeploymentStore {
  public:
    /// Throws Failure: the storage does not last (RVM-S07).
    explicit DeploymentStore(Session& session);

    [[nodiscard]] const rvm_storage& engine() const noexcept { return engine_; }
    [[nodiscard]] rvm_store& store() const noexcept { return store_; }
    /// A view of the last commit. Throws Failure: an import was interrupted (RVM-S08), the store cannot be read
    /// (RVM-S05).
    [[nodiscard]] state::StoreReader& reader();
    /// Ends the view.
    void close() noexcept { reader_.close(); }
    /// Hashes code by the rule of its format, loading its plugin.
    [[nodiscard]] state::CodeHash code_hash();

    /// Throws Failure for a status of the store: RVM-R09, RVM-R08 for a batch, else RVM-S05.
    void check(rvm_status status, const char* what, const rvm_error* error = nullptr) const;

  private:
    Session& session_;
    const rvm_storage& engine_;
    rvm_store& store_;
    state::StoreReader reader_;
};

} // namespace rvm::host
