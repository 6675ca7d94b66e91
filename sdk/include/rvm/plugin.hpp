// <rvm/plugin.hpp> -- a thin C++20 layer over <rvm/plugin.h>: nothing here crosses the boundary, it only fills the C
// tables. Header-only; needs the standard library.
//
//   class Arith {                                             // one object per host that loads the plugin
//     public:
//       explicit Arith(rvm::sdk::Host host);                  // required; may throw
//       const rvm_contribution* contributions() const;        // required; the same answer every time after configure
//       void configure(std::string_view json);                // these are optional; each may throw or return
//       rvm_status void link(); void start(); void stop(std::chrono::milliseconds deadline);
//   };
//   RVM_PLUGIN(Arith, descriptor)                             // at global scope, once
//
// Nothing unwinds across the boundary: every thunk here ends in guard(), which turns exceptions into RVM_E_EXCEPTION
// (or the status of a Failure) with their text.
#ifndef RVM_PLUGIN_HPP
#define RVM_PLUGIN_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::sdk {

// ---- Errors --------------------------------------------------------------------------------------------------------

/// Thrown by plugin code to end a call with a status and a text of its choice.
class Failure : public std::exception {
  public:
    Failure(rvm_status status, std::string text) : status_(status), text_(std::move(text)) {}
    [[nodiscard]] rvm_status status() const noexcept { return status_; }
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

  private:
    rvm_status status_;
    std::string text_;
};

/// Fills `error` (may be NULL), truncating the text.
inline void set_error(rvm_error* error, int32_t code, std::string_view text) noexcept {
    if (error == nullptr) return;
    error->code = code;
    const std::size_t size = text.size() < sizeof error->message ? text.size() : sizeof error->message - 1;
    if (size != 0) std::memcpy(error->message, text.data(), size);
    error->message[size] = '\0';
}

/// Runs `body` and returns its status (RVM_OK when it returns nothing). Exceptions end here: a Failure gives its
/// status, std::bad_alloc RVM_E_NO_MEMORY, anything else RVM_E_EXCEPTION; the text goes to `error`, which may be NULL.
template <class Body>
rvm_status guard(rvm_error* error, Body&& body) noexcept {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
            std::forward<Body>(body)();
            return RVM_OK;
        } else {
            return std::forward<Body>(body)();
        }
    } catch (const Failure& failure) {
        set_error(error, failure.status(), failure.what());
        return failure.status();
    } catch (const std::bad_alloc&) {
        set_error(error, RVM_E_NO_MEMORY, "out of memory");
        return RVM_E_NO_MEMORY;
    } catch (const std::exception& exception) {
        set_error(error, RVM_E_EXCEPTION, exception.what());
        return RVM_E_EXCEPTION;
    } catch (...) {
        set_error(error, RVM_E_EXCEPTION, "an exception that is no std::exception");
        return RVM_E_EXCEPTION;
    }
}

// ---- Views ---------------------------------------------------------------------------------------------------------

[[nodiscard]] inline std::span<const std::uint8_t> bytes(rvm_view view) noexcept { return {view.data, view.size}; }
[[nodiscard]] inline std::span<std::uint8_t> bytes(rvm_span span) noexcept { return {span.data, span.size}; }
[[nodiscard]] inline std::string_view text(rvm_view view) noexcept {
    return {reinterpret_cast<const char*>(view.data), view.size};
}
[[nodiscard]] inline rvm_view view(std::span<const std::uint8_t> bytes) noexcept {
    return {bytes.data(), bytes.size()};
}
[[nodiscard]] inline rvm_view view(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Bytes of static storage duration as a view, in constant expressions too: known-answer tests are tables of these.
template <std::size_t Size>
[[nodiscard]] constexpr rvm_view view(const std::array<std::uint8_t, Size>& bytes) noexcept {
    return {bytes.data(), Size};
}

/// Writes the answer of a syscall or primitive: RVM_TRAP_LIMIT or RVM_E_BUFFER_TOO_SMALL, as `too_small` says, when it
/// does not fit; then *size is what is needed and nothing is written.
inline rvm_status answer(std::span<const std::uint8_t> bytes, rvm_span output, std::uint64_t* size,
                         rvm_status too_small) noexcept {
    *size = bytes.size();
    if (bytes.size() > output.size) return too_small;
    if (!bytes.empty()) std::memcpy(output.data, bytes.data(), bytes.size());
    return RVM_OK;
}

// ---- The host ------------------------------------------------------------------------------------------------------

/// The host as a plugin sees it. Cheap to copy; valid until the plugin object is destroyed.
class Host {
  public:
    explicit Host(const rvm_host* host) noexcept : host_(host) {}

    [[nodiscard]] const rvm_host* get() const noexcept { return host_; }

    void log(std::uint32_t level, const std::string& text) const { host_->log(host_->ctx, level, text.c_str()); }

    /// The table of a frozen host interface, or NULL: find<rvm_host_vm>(RVM_HOST_VM).
    template <class Table>
    [[nodiscard]] const Table* find(const char* id) const {
        return static_cast<const Table*>(host_->get_interface(host_->ctx, id));
    }
    /// As find(), but absence is a Failure.
    template <class Table>
    [[nodiscard]] const Table& need(const char* id) const {
        const Table* table = find<Table>(id);
        if (table == nullptr) throw Failure(RVM_E_UNSUPPORTED, std::string("the host offers no ") + id);
        return *table;
    }

    /// Index of an environment word in rvm_frame.env.
    [[nodiscard]] std::uint32_t env_key(const char* name) const {
        const std::uint32_t key = host_->env_key(host_->ctx, name);
        if (key == UINT32_MAX) throw Failure(RVM_E_INTERNAL, "the host knows too many environment words");
        return key;
    }

    /// Only in link() and later, only ids that the descriptor requires.
    [[nodiscard]] rvm_hash_ref hash(const char* id) const {
        rvm_hash_ref ref{};
        check(host_->resolve_hash(host_->ctx, id, &ref), "hash", id);
        return ref;
    }
    [[nodiscard]] rvm_crypto_ref crypto(const char* id) const {
        rvm_crypto_ref ref{};
        check(host_->resolve_crypto(host_->ctx, id, &ref), "primitive", id);
        return ref;
    }
    /// Another plugin's table.
    template <class Table>
    [[nodiscard]] const Table& interface(const char* id) const {
        const void* table = nullptr;
        check(host_->resolve_interface(host_->ctx, id, &table), "interface", id);
        return *static_cast<const Table*>(table);
    }

  private:
    static void check(rvm_status status, const char* what, const char* id) {
        if (status != RVM_OK) throw Failure(status, std::string("no ") + what + " " + id);
    }

    const rvm_host* host_;
};

// ---- Thunks --------------------------------------------------------------------------------------------------------

namespace detail {

/// The rvm_error among a call's arguments, if it has one.
inline rvm_error* error_of() noexcept { return nullptr; }
template <class First, class... Rest>
rvm_error* error_of(First first, Rest... rest) noexcept {
    if constexpr (std::is_same_v<First, rvm_error*>) {
        return first;
    } else {
        return error_of(rest...);
    }
}

template <auto Fn, class Signature = decltype(Fn)>
struct Thunk;

template <auto Fn, class... Args>
struct Thunk<Fn, rvm_status (*)(Args...)> {
    static rvm_status call(Args... args) noexcept {
        return guard(error_of(args...), [&] { return Fn(args...); });
    }
};

template <auto Fn, class Class, class... Args>
struct Thunk<Fn, rvm_status (Class::*)(Args...) const> {
    static rvm_status call(const void* self, Args... args) noexcept {
        return guard(error_of(args...), [&] { return (static_cast<const Class*>(self)->*Fn)(args...); });
    }
};

template <auto Fn, class Class, class... Args>
struct Thunk<Fn, rvm_status (Class::*)(Args...)> {
    static rvm_status call(void* self, Args... args) noexcept {
        return guard(error_of(args...), [&] { return (static_cast<Class*>(self)->*Fn)(args...); });
    }
};

/// A tracer's events return nothing: what they throw is dropped.
template <auto Fn, class Class, class... Args>
struct Thunk<Fn, void (Class::*)(Args...)> {
    static void call(void* self, Args... args) noexcept {
        static_cast<void>(guard(nullptr, [&] { (static_cast<Class*>(self)->*Fn)(args...); }));
    }
};

} // namespace detail

/// A function for a C table from a C++ function that may throw: a free function of the table's signature, or a member
/// function whose object the table passes as `self`. Give noexcept functions to the table directly: they need no thunk.
template <auto Fn>
inline constexpr auto thunk = &detail::Thunk<Fn>::call;

// ---- Contributions -------------------------------------------------------------------------------------------------

/// cost = base + per_unit * ceil(input size / unit_bytes)
[[nodiscard]] constexpr rvm_gas_schedule gas(std::uint64_t base, std::uint64_t per_unit = 0,
                                             std::uint32_t unit_bytes = 0) noexcept {
    return {sizeof(rvm_gas_schedule), unit_bytes, base, per_unit, nullptr};
}

/// An opcode of the native VM. Texts are not copied. The mnemonic is the id.
struct OpcodeSpec {
    const char* id;
    const char* summary;
    std::uint64_t gas;
    std::uint8_t pops;
    std::uint8_t pushes;
    rvm_opcode_fn run;
    std::uint32_t flags = RVM_F_PURE;
    std::uint8_t immediate_size = 0;
    const void* self = nullptr;
};
[[nodiscard]] constexpr rvm_opcode opcode(const OpcodeSpec& spec) noexcept {
    return {sizeof(rvm_opcode), spec.flags,          spec.id, spec.id, spec.summary, spec.gas, spec.pops,
            spec.pushes,        spec.immediate_size, 0,       0,       spec.run,     spec.self};
}

struct SyscallSpec {
    const char* id;
    const char* summary;
    const rvm_gas_schedule* gas;
    std::uint64_t max_output;
    rvm_syscall_fn run;
    std::uint32_t flags = RVM_F_PURE;
    const void* self = nullptr;
};
[[nodiscard]] constexpr rvm_syscall syscall(const SyscallSpec& spec) noexcept {
    return {sizeof(rvm_syscall), spec.flags, spec.id, spec.summary, spec.gas, spec.max_output, spec.run, spec.self};
}

[[nodiscard]] constexpr rvm_kat known_answer(rvm_view input, rvm_view expected, rvm_status status = RVM_OK) noexcept {
    return {input, expected, status, 0};
}

/// A hash with a digest of fixed size. `kats` is not copied.
[[nodiscard]] constexpr rvm_crypto hash(const char* id, const char* summary, std::uint32_t digest_size, rvm_hash_fn fn,
                                        std::span<const rvm_kat> kats, const void* self = nullptr) noexcept {
    return {sizeof(rvm_crypto), RVM_F_PURE, id, summary, RVM_CRYPTO_HASH, digest_size, fn, nullptr, self,
            kats.data(),        kats.size()};
}
/// Any other primitive.
[[nodiscard]] constexpr rvm_crypto primitive(const char* id, const char* summary, rvm_crypto_fn fn,
                                             std::span<const rvm_kat> kats, const void* self = nullptr) noexcept {
    return {sizeof(rvm_crypto), RVM_F_PURE, id, summary, RVM_CRYPTO_GENERIC, 0, nullptr, fn, self,
            kats.data(),        kats.size()};
}

/// The kind of an item, from its type.
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_opcode& item) noexcept {
    return {RVM_KIND_OPCODE, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_syscall& item) noexcept {
    return {RVM_KIND_SYSCALL, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_crypto& item) noexcept {
    return {RVM_KIND_CRYPTO, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_program& item) noexcept {
    return {RVM_KIND_PROGRAM, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_format& item) noexcept {
    return {RVM_KIND_FORMAT, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_storage& item) noexcept {
    return {RVM_KIND_STORAGE, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_tracer& item) noexcept {
    return {RVM_KIND_TRACER, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_service& item) noexcept {
    return {RVM_KIND_SERVICE, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_command& item) noexcept {
    return {RVM_KIND_COMMAND, &item};
}
[[nodiscard]] constexpr rvm_contribution contribution(const rvm_interface& item) noexcept {
    return {RVM_KIND_INTERFACE, &item};
}

/// A list that contributions() may return. Items are not copied and must live as long as the plugin object.
class Contributions {
  public:
    Contributions() : list_{{nullptr, nullptr}} {}

    template <class Item>
    Contributions& add(const Item& item) {
        list_.back() = contribution(item);
        list_.push_back({nullptr, nullptr});
        return *this;
    }
    template <class Item, std::size_t Count>
    Contributions& add_all(const std::array<Item, Count>& items) {
        for (const Item& item : items) {
            add(item);
        }
        return *this;
    }
    [[nodiscard]] const rvm_contribution* data() const noexcept { return list_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return list_.size() - 1; }

  private:
    std::vector<rvm_contribution> list_;
};

// ---- Descriptor and entry ------------------------------------------------------------------------------------------

/// What rvm_descriptor says; must equal the sidecar. `provides` and `requires_` end with NULL.
struct DescriptorSpec {
    const char* id;
    const char* version;
    const char* name;
    const char* vendor;
    const char* license;
    const char* description;
    const char* const* provides;
    const char* const* requires_ = nullptr;
    const char* config_schema = nullptr;
};
[[nodiscard]] constexpr rvm_descriptor describe(const DescriptorSpec& spec) noexcept {
    return {sizeof(rvm_descriptor),
            0,
            spec.id,
            spec.version,
            spec.name,
            spec.vendor,
            spec.license,
            spec.description,
            spec.config_schema,
            spec.provides,
            spec.requires_};
}

namespace detail {

/// One plugin object and the C table in front of it.
template <class Plugin>
class Instance {
  public:
    static rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) noexcept {
        return guard(error, [&] { *out = &(new Instance(host))->table_; });
    }

  private:
    explicit Instance(const rvm_host* host) : plugin_(Host(host)) {
        table_.struct_size = sizeof table_;
        table_.self = this;
        table_.contributions = [](void* self) noexcept { return of(self).contributions(); };
        table_.destroy = [](void* self) noexcept { delete static_cast<Instance*>(self); };
        if constexpr (requires(Plugin & plugin) { plugin.configure(std::string_view{}); }) {
            table_.configure = [](void* self, const char* json, rvm_error* error) noexcept {
                return guard(error, [&] { return of(self).configure(std::string_view(json)); });
            };
        }
        if constexpr (requires(Plugin & plugin) { plugin.link(); }) {
            table_.link = [](void* self, rvm_error* error) noexcept {
                return guard(error, [&] { return of(self).link(); });
            };
        }
        if constexpr (requires(Plugin & plugin) { plugin.start(); }) {
            table_.start = [](void* self, rvm_error* error) noexcept {
                return guard(error, [&] { return of(self).start(); });
            };
        }
        if constexpr (requires(Plugin & plugin) { plugin.stop(std::chrono::milliseconds{}); }) {
            table_.stop = [](void* self, std::uint64_t deadline_ms, rvm_error* error) noexcept {
                return guard(error, [&] {
                    return of(self).stop(std::chrono::milliseconds(static_cast<std::int64_t>(deadline_ms)));
                });
            };
        }
    }

    static Plugin& of(void* self) noexcept { return static_cast<Instance*>(self)->plugin_; }

    rvm_plugin table_{};
    Plugin plugin_;
};

} // namespace detail
} // namespace rvm::sdk

/// Defines the plugin's one exported symbol. `descriptor` is a constant of static storage duration.
#define RVM_PLUGIN(Class, descriptor)                                                                                  \
    extern "C" {                                                                                                       \
    constinit const rvm_entry rvm_plugin_entry_v0 =                                                                    \
        RVM_ENTRY_INIT(&(descriptor), &::rvm::sdk::detail::Instance<Class>::create);                                   \
    }                                                                                                                  \
    static_assert(sizeof(rvm_entry) != 0)

#endif // RVM_PLUGIN_HPP
