// ---- The plugin around it ----

class Plugin {
  public:
    explicit Plugin(sdk::Host) { items_.add(item); }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    sdk::Contributions items_;
};

constexpr const char* provides[] = {"<<provides>>", nullptr};

// Must equal the sidecar, <<name>>.rvm.json.in.
constexpr rvm_descriptor descriptor = sdk::describe({.id = RVM_PLUGIN_ID, // both macros come from rvm_add_plugin()
                                                     .version = RVM_PLUGIN_VERSION,
                                                     .name = "<<name>>",
                                                     .vendor = "example",
                                                     .license = "MIT",
                                                     .description = "<<summary>>",
                                                     .provides = provides});

} // namespace

RVM_PLUGIN(Plugin, descriptor);
