#include "profile/profile.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "program/builtin_tracer.hpp"

namespace rvm::host::profiling {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t selector_bytes = 4; // what an ABI call's data begins with

/// What decides whether two frames are one line of the profile.
struct FrameKey {
    rvm_address code{};
    std::string format;
    std::string selector; ///< hex digits; empty: other data
    bool creation = false;
    [[nodiscard]] auto tie() const { return std::tuple(std::to_array(code.bytes), format, selector, creation); }
    [[nodiscard]] bool operator<(const FrameKey& other) const { return tie() < other.tie(); }
};

struct FrameNode {
    std::uint64_t entered = 0;
    std::uint64_t unplaced_gas = 0; ///< of frames that report no instructions: programs at addresses
    std::uint64_t unplaced_ns = 0;
    std::map<std::uint64_t, Spent> places; ///< by pc
    std::map<std::uint64_t, const char*> names; ///< of the instruction at pc: static texts
    std::map<FrameKey, std::unique_ptr<FrameNode>> children;
};

/// An open frame.
struct Open {
    FrameNode* node = nullptr;
    bool running = false;    ///< an instruction was reported
    std::uint64_t pc = 0;    ///< of the last one
    std::int64_t given = 0;  ///< at entry
    std::int64_t gas = 0;    ///< before the last instruction, or at entry
    std::int64_t nested = 0; ///< spent by frames below since then
    Clock::time_point since; ///< when it, or the return from a nested frame, began
};

struct Collector {
    FrameNode root;
    std::vector<Open> open;

    void settle(Open& frame, std::int64_t gas_now, Clock::time_point now) const {
        const auto gas = static_cast<std::uint64_t>(std::max<std::int64_t>(frame.gas - gas_now - frame.nested, 0));
        if (frame.running) {
            frame.node->places[frame.pc].gas += gas;
        } else {
            frame.node->unplaced_gas += gas;
        }
        pause(frame, now);
        frame.nested = 0;
    }
    static void pause(Open& frame, Clock::time_point now) {
        const auto spent = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(now - frame.since).count());
        (frame.running ? frame.node->places[frame.pc].nanoseconds : frame.node->unplaced_ns) += spent;
        frame.since = now;
    }
};
Collector collector;

struct Observer {
    static constexpr const char* plugin = "org.rvm.profile";
    static constexpr const char* id = profile_tracer;
    static constexpr const char* summary = "Where gas and time go";
    static constexpr const char* provides = "rvm.tracer/1:rvm.host/profile";

    static rvm_status begin(void*, const char*, std::uint64_t, void** cookie) {
        collector = Collector{};
        *cookie = &collector;
        return RVM_OK;
    }

    static void enter(void*, void*, std::uint64_t, const rvm_message* message, const char* format) {
        const auto now = Clock::now();
        FrameKey key{message->code_address, format == nullptr ? "" : format, {}, message->kind == RVM_CALL_CREATE};
        if (message->input.size >= selector_bytes)
            key.selector = to_hex(ByteView{message->input.data, selector_bytes});
        FrameNode* parent = &collector.root;
        if (!collector.open.empty()) {
            Collector::pause(collector.open.back(), now);
            parent = collector.open.back().node;
        }
        auto& node = parent->children[std::move(key)];
        if (node == nullptr) node = std::make_unique<FrameNode>();
        ++node->entered;
        const std::int64_t given = message->gas + message->stipend;
        collector.open.push_back({node.get(), false, 0, given, given, 0, now});
    }

    static void op(void*, void*, std::uint64_t, const rvm_op_event* event) {
        if (collector.open.empty()) return;
        const auto now = Clock::now();
        Open& frame = collector.open.back();
        collector.settle(frame, event->gas, now);
        frame.running = true;
        frame.pc = event->pc;
        frame.gas = event->gas;
        ++frame.node->places[event->pc].count;
        frame.node->names[event->pc] = event->name;
        frame.since = Clock::now();
    }

    static void leave(void*, void*, std::uint64_t, const rvm_result* result) {
        if (collector.open.empty()) return;
        const auto now = Clock::now();
        Open frame = collector.open.back();
        collector.settle(frame, result->gas_left, now);
        collector.open.pop_back();
        if (collector.open.empty()) return;
        Open& caller = collector.open.back();
        caller.nested += frame.given - result->gas_left;
        caller.since = Clock::now();
    }
};

/// The place of a pc as its format names it: "in NAME" of a function, "FILE:LINE" of a source, else the instruction.
std::string place_name(const rvm_format* format, rvm_view code, std::uint64_t pc, const char* instruction) {
    std::array<char, 256> text{};
    if (format == nullptr || format->source_of == nullptr || code.data == nullptr ||
        format->source_of(format->self, code, pc, text.data(), text.size()) == 0)
        return instruction == nullptr ? "code" : instruction;
    const std::string name = text.data();
    return name.substr(0, name.rfind(", byte ")); // of a function: all its instructions are one place
}

void add(Spent& total, const Spent& more) {
    total.gas += more.gas;
    total.nanoseconds += more.nanoseconds;
    total.count += more.count;
}

void sort_by_gas(std::vector<Node>& nodes) {
    std::ranges::sort(nodes, [](const Node& a, const Node& b) {
        return a.total.gas != b.total.gas ? a.total.gas > b.total.gas : a.name < b.name;
    });
}

class Resolver {
  public:
    Resolver(Session& session, Machine& machine) : session_(session), machine_(machine) {}

    [[nodiscard]] Node frame(const FrameKey& key, const FrameNode& raw) {
        Node out{frame_name(key), {0, 0, raw.entered}, {}};
        Report ignored;
        const rvm_format* format = key.format.empty() ? nullptr : session_.runtime().format(key.format, ignored);
        const rvm_view code = key.creation ? rvm_view{} : machine_.code_at(key.code); // init code is gone
        std::map<std::string, Spent> places;
        for (const auto& [pc, spent] : raw.places)
            add(places[place_name(format, code, pc, raw.names.at(pc))], spent);
        if (raw.unplaced_gas != 0 || places.empty())
            add(places["entry"], {raw.unplaced_gas, raw.unplaced_ns, raw.entered});
        for (auto& [name, spent] : places)
            out.children.push_back({name, spent, {}});
        for (const auto& [child, node] : raw.children)
            out.children.push_back(frame(child, *node));
        for (const Node& child : out.children) {
            out.total.gas += child.total.gas;
            out.total.nanoseconds += child.total.nanoseconds;
        }
        sort_by_gas(out.children);
        return out;
    }

  private:
    static std::string frame_name(const FrameKey& key) {
        return fmt::format("{}{} {}{}", key.creation ? "create " : "", key.format.empty() ? "program" : key.format,
                           address_text(key.code), key.selector.empty() ? "" : " 0x" + key.selector);
    }

    Session& session_;
    Machine& machine_;
};

void collect(const Node& node, std::map<std::string, Spent>& places) {
    if (node.children.empty()) {
        add(places[node.name], node.total);
        return;
    }
    for (const Node& child : node.children)
        collect(child, places);
}

} // namespace

const rvm_entry* profile_plugin() noexcept { return BuiltinTracer<Observer>::entry(); }

Node last_profile(Session& session, Machine& machine) {
    Node all{"all", {}, {}};
    Resolver resolver(session, machine);
    for (const auto& [key, node] : collector.root.children) {
        all.children.push_back(resolver.frame(key, *node));
        add(all.total, all.children.back().total);
    }
    return all.children.size() == 1 ? std::move(all.children.front()) : all;
}

std::vector<Node> by_place(const Node& root) {
    std::map<std::string, Spent> places;
    collect(root, places);
    std::vector<Node> list;
    for (const auto& [name, spent] : places)
        list.push_back({name, spent, {}});
    sort_by_gas(list);
    return list;
}

} // namespace rvm::host::profiling
