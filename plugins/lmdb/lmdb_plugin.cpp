// org.rvm.lmdb: the storage engine "lmdb" and the verb that looks after its store.
#include <rvm/plugin.hpp>

#include "command.hpp"
#include "engine.hpp"

namespace {

constexpr const char* provides[] = {RVM_KIND_STORAGE ":lmdb", RVM_KIND_COMMAND ":lmdb", nullptr};

class LmdbPlugin {
  public:
    explicit LmdbPlugin(rvm::sdk::Host) {
        command_ = {sizeof(rvm_command), 0, "lmdb", "look after the store of the engine lmdb", this, &run};
        items_.add(engine_.table()).add(command_);
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    static std::int32_t run(void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept {
        std::int32_t exit = RVM_EXIT_INTERNAL;
        rvm_error error{};
        error.struct_size = sizeof error;
        const rvm_status status = rvm::sdk::guard(
            &error, [&] { exit = rvm::lmdb::run_command(static_cast<LmdbPlugin*>(self)->engine_, *io, argc, argv); });
        if (status == RVM_OK) return exit;
        const std::string text = std::string("rvm lmdb: ") + error.message + "\n";
        static_cast<void>(io->write(io->ctx, RVM_IO_ERROR, rvm::sdk::view(text)));
        return status == RVM_E_CONFIG || status == RVM_E_IO ? RVM_EXIT_CONFIG : RVM_EXIT_INTERNAL;
    }

    rvm::lmdb::Engine engine_;
    rvm_command command_{};
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor =
    rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                        .version = RVM_PLUGIN_VERSION,
                        .name = "LMDB",
                        .vendor = "rvm",
                        .license = "MIT",
                        .description = "A storage engine that lasts: ordered maps in one file of LMDB",
                        .provides = provides});

} // namespace

RVM_PLUGIN(LmdbPlugin, descriptor);
