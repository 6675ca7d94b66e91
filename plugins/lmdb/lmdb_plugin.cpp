// org.rvm.lmdb: the storage engine "lmdb" and the verb that looks after its store.
#include <rvm/plugin.hpp>

#include "command.hpp"
#include "engine.hpp"
#include "verb/run.hpp"

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
        return rvm::verb::run(*io, [&] {
            try {
                return rvm::lmdb::run_command(static_cast<LmdbPlugin*>(self)->engine_, *io, argc, argv);
            } catch (const rvm::sdk::Failure& failure) { // of the file or the machine
                throw rvm::verb::Error(rvm::verb::Fault::store, failure.what());
            }
        });
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
