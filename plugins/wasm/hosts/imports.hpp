// The imports of one program, resolved against the modules that this plugin provides.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hosts/items.hpp"
#include "run/instance.hpp"

namespace rvm::wasm::hosts {

/// What a program may import.
struct Grants {
    const HostTables* host = nullptr; ///< for `rvm` and `vm_hooks`; null: there is no world to work on
    bool wasi = false;                ///< `wasi_snapshot_preview1`
};

/// Immutable; lives as long as the program.
class Imports {
  public:
    /// Throws ModuleError(link) naming the import that does not exist, is not granted or has another type.
    Imports(const Module& module, const Grants& grants);

    [[nodiscard]] std::optional<Extern> resolve(const Import& import) const;
    [[nodiscard]] bool uses_wasi() const noexcept { return uses_wasi_; }
    /// The program can fill or empty the cache of slots. Without one, what it loads is what the storage holds.
    [[nodiscard]] bool caches_slots() const noexcept { return caches_slots_; }

  private:
    void add(const Module& module, const Import& import, const Grants& grants);
    void add_item(const Module& module, const Import& import, const HostTables& host);
    void add_creation(const Module& module, const Import& import);
    void add_function(const Module& module, const Import& import, const char* signature, HostCall call);

    std::vector<Callable> functions_; ///< by function index
    std::vector<std::unique_ptr<HostCall>> calls_;
    std::vector<std::unique_ptr<GrantedItem>> items_;
    std::vector<std::unique_ptr<std::string>> formats_; ///< of create.FORMAT
    bool uses_wasi_ = false;
    bool caches_slots_ = false;
};

} // namespace rvm::wasm::hosts
