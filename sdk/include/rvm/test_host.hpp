// <rvm/test_host.hpp> -- a host for tests of plugins: no dlopen, no files, no threads, state in memory, gas as the test
// says. It loads an rvm_entry, runs single items or whole frames, and watches the plugin:
//
//   * canaries surround the operand window, memory, and every output span;
//   * a PURE item that calls the host, gas that rises, an output above its maximum or an unknown status are violations;
//   * every nested call is recorded; scripted answers replace the callee where a test wants them.
//
//   rvm::sdk::test::TestHost host;
//   host.load(rvm_plugin_entry_v0);
//   auto run = host.run_opcode("hello.muladd", {6, 2}, {.immediate = 7});
//   // run.status == RVM_OK, run.words == {44}, host.violations().empty()
//
// Deliberately independent of the real host: it implements the comments of plugin.h once more. What it does not have:
// worlds (rvm.host.world/1), delegation, programs at addresses as call targets. One thread. Throws std::runtime_error
// when the test asks for something that is not there.
#ifndef RVM_TEST_HOST_HPP
#define RVM_TEST_HOST_HPP

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include <rvm/test_state.hpp>

namespace rvm::sdk::test {

inline constexpr std::int64_t default_gas = 1'000'000;
inline constexpr std::uint32_t call_depth_limit = 1024;
inline constexpr std::uint64_t output_limit = 1u << 20u;
inline constexpr std::int64_t memory_budget = 1 << 24;

/// Bytes with a fixed pattern before and after them.
class Guarded {
  public:
    explicit Guarded(std::size_t size, std::span<const std::uint8_t> content = {}) : bytes_(make(size, content)) {}
    [[nodiscard]] std::uint8_t* data() noexcept { return bytes_.data() + margin; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - 2 * margin; }
    [[nodiscard]] rvm_span span() noexcept { return {data(), size()}; }
    [[nodiscard]] Bytes content() { return {data(), data() + size()}; }
    [[nodiscard]] bool intact() const noexcept {
        for (std::size_t i = 0; i < margin; ++i) {
            if (bytes_[i] != canary || bytes_[bytes_.size() - 1 - i] != canary) return false;
        }
        return true;
    }

  private:
    // Not inlined: g++ 12 warns of impossible sizes when it sees through the vector.
    [[gnu::noinline]] static Bytes make(std::size_t size, std::span<const std::uint8_t> content) {
        Bytes bytes(size + 2 * margin, canary);
        for (std::size_t i = 0; i < size; ++i) {
            bytes[margin + i] = i < content.size() ? content[i] : 0;
        }
        return bytes;
    }

    static constexpr std::size_t margin = 64;
    static constexpr std::uint8_t canary = 0xc5;
    Bytes bytes_;
};

struct OpcodeOptions {
    Bytes memory{}; ///< linear memory of the frame
    std::uint64_t immediate = 0;
    std::int64_t gas = default_gas; ///< before the item's own price
    std::uint32_t flags = 0;        ///< RVM_FRAME_*
};
struct OpcodeRun {
    rvm_status status;
    std::vector<rvm_word> words; ///< the results, deepest first
    Bytes memory;
    std::int64_t gas_used;
};

/// Of a syscall, a primitive or a program.
struct BytesRun {
    rvm_status status;
    Bytes output;
    std::int64_t gas_used;
};

/// A message with everything a test usually leaves alone.
struct Message {
    std::uint32_t kind = RVM_CALL_CALL;
    std::uint32_t flags = 0;
    std::int64_t gas = default_gas;
    Address sender = address(0xee);
    Address recipient = address(1);
    Word value{};
    Bytes input{};
};
struct FrameRun {
    rvm_status status;
    Bytes output;
    std::int64_t gas_used;
    std::int64_t refund;
    std::uint32_t detail;
};

/// A nested call as the plugin asked for it.
struct CallRecord {
    std::uint32_t kind;
    std::uint32_t depth; ///< of the caller
    std::int64_t gas;
    Address recipient;
    Address code_address;
    Word value;
    Bytes input;
};
/// What a scripted callee does.
struct ScriptedAnswer {
    rvm_status status = RVM_OK;
    Bytes output{};
    std::int64_t gas_used = 0;
};

class TestHost {
  public:
    TestHost();
    ~TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    /// Judges the entry, then create, configure, contributions, link, start. Throws with the plugin's text on failure.
    void load(const rvm_entry& entry, const char* config_json = "{}");

    /// A contribution of a loaded plugin; throws when there is none: find<rvm_tracer>(RVM_KIND_TRACER, "jsonl").
    template <class Item>
    [[nodiscard]] const Item& find(std::string_view kind, std::string_view id) const {
        for (const rvm_contribution& item : items_) {
            const auto* found = static_cast<const Item*>(item.item);
            if (item.kind == kind && found->id == id) return *found;
        }
        throw std::runtime_error("no plugin contributes " + std::string(kind) + ":" + std::string(id));
    }
    [[nodiscard]] const std::vector<rvm_contribution>& items() const noexcept { return items_; }

    OpcodeRun run_opcode(std::string_view id, std::initializer_list<rvm_word> args, OpcodeOptions options = {});
    BytesRun run_syscall(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity = 4096,
                         std::int64_t gas = default_gas);
    /// With an output of `capacity` bytes; digests always fit.
    BytesRun run_crypto(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity = 4096);
    BytesRun run_program(std::string_view id, std::span<const std::uint8_t> input, std::int64_t gas = default_gas);
    /// Known-answer tests of a primitive that fail; a violation is recorded for each.
    std::size_t failing_known_answers(std::string_view id);
    /// Runs code of a format as the message's recipient, which gets it as its account code.
    FrameRun run_frame(std::string_view format, const Bytes& code, const Message& message = {});

    [[nodiscard]] State& state() noexcept { return state_; }
    void set_env(const char* name, const Word& value) { env_.at(env_key(name)) = to_c(value); }
    /// The next nested call gets this answer instead of running a callee. Answers queue up.
    void script(ScriptedAnswer answer) { scripted_.push_back(std::move(answer)); }
    [[nodiscard]] const std::vector<CallRecord>& calls() const noexcept { return calls_; }
    [[nodiscard]] const std::vector<std::string>& log_lines() const noexcept { return log_lines_; }
    /// What the plugin did against its contract, in words. A test ends with this being empty.
    [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
    void set_cancelled(bool cancelled) noexcept { cancelled_ = cancelled; }

  private:
    /// The host's side of a frame; plugins see the base.
    struct Frame : rvm_frame {
        TestHost* host = nullptr;
        const rvm_format* runs = nullptr;
    };
    struct Plugin {
        rvm_plugin* table = nullptr;
        const rvm_descriptor* descriptor = nullptr;
    };
    struct Scratch {
        void* data = nullptr;
        explicit Scratch(std::size_t size) {
            constexpr std::size_t alignment = 64; // rvm_frame.scratch
            const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
            data = std::aligned_alloc(alignment, rounded);
            if (data == nullptr) throw std::bad_alloc();
            std::memset(data, 0, rounded);
        }
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;
        ~Scratch() { std::free(data); }
    };

    static TestHost& of(rvm_frame* frame);
    static TestHost& of(rvm_host_ctx* ctx) { return *reinterpret_cast<TestHost*>(ctx); }
    void violation(std::string text) { violations_.push_back(std::move(text)); }
    void check_status(std::string_view what, rvm_status status);
    std::uint32_t env_key(const char* name);
    static std::uint64_t price(const rvm_gas_schedule& schedule, const void* self, rvm_view input);
    Frame make_frame(const rvm_message& message, std::uint32_t flags);
    void* scratch_for(const rvm_format& format, std::uint32_t depth);
    rvm_status call(Frame& caller, const rvm_message& asked, rvm_result& result);
    rvm_status execute(Frame& frame, const rvm_format& format, std::span<const std::uint8_t> code, rvm_result& result);
    rvm_status finish_create(Frame& frame, const rvm_format& format, rvm_result& result);
    [[nodiscard]] Address creation_address(const Frame& caller, const rvm_message& asked);
    void begin_account(const Address& at, const rvm_format& format);
    void move_value(const Address& from, const Address& to, const Word& value);
    [[nodiscard]] static std::uint32_t default_rules(const rvm_format& format);
    [[nodiscard]] const rvm_format* find_format(std::string_view id) const;
    [[nodiscard]] const rvm_crypto* find_crypto(const char* id) const;
    [[nodiscard]] bool required(const char* kind, const char* id) const;
    void fill_tables();

    rvm_host host_{};
    rvm_host_vm vm_{};
    rvm_host_state state_table_{};
    rvm_host_items items_table_{};
    rvm_host_trace trace_table_{};

    std::vector<Plugin> plugins_;
    std::vector<rvm_contribution> items_;
    State state_;
    std::vector<std::string> env_names_;
    std::vector<rvm_u256> env_; ///< sized once: frames point into it
    std::deque<ScriptedAnswer> scripted_;
    std::vector<CallRecord> calls_;
    std::vector<std::string> log_lines_;
    std::vector<std::string> violations_;
    std::map<std::uint32_t, std::unique_ptr<Guarded>> outputs_; ///< by depth
    std::map<std::uint32_t, Bytes> returned_;                   ///< by depth of the caller
    std::map<std::pair<const rvm_format*, std::uint32_t>, std::unique_ptr<Scratch>> scratch_;
    std::map<std::uint32_t, std::vector<std::uint8_t>> codes_; // of each depth's last frame
    Frame guard_{};
    std::int64_t reserved_ = 0;
    bool cancelled_ = false;
};

} // namespace rvm::sdk::test

#include <rvm/test_host/frames.hpp>
#include <rvm/test_host/items.hpp>
#include <rvm/test_host/loading.hpp>
#include <rvm/test_host/tables.hpp>

#endif // RVM_TEST_HOST_HPP
