#include "tracers.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <rvm/plugin.hpp>

namespace rvm::determinism {
namespace {

// ---- hostile --------------------------------------------------------------------------------------------------------

/// Every event is copied, scribbled on, waited over and answered with an exception.
class Hostile {
  public:
    rvm_status begin(const char*, std::uint64_t, void** cookie) {
        *cookie = this;
        return RVM_OK;
    }
    void end(void*, const rvm_result*) { throw std::runtime_error("end"); }
    void enter(void*, std::uint64_t, const rvm_message* message, const char*) { spoil(*message); }
    void leave(void*, std::uint64_t, const rvm_result* result) { spoil(*result); }
    void op(void*, std::uint64_t, const rvm_op_event* event) {
        std::vector<std::uint8_t> stack(event->stack.data, event->stack.data + event->stack.size);
        std::fill(stack.begin(), stack.end(), std::uint8_t{0xff});
        spoil(*event, kThrowingOperation);
    }
    void fault(void*, std::uint64_t, const rvm_op_event* event, rvm_status) { spoil(*event); }
    void state(void*, std::uint64_t, const rvm_state_event* event) { spoil(*event); }
    void log(void*, std::uint64_t, const rvm_log_event* event) { spoil(*event); }
    rvm_status text(void*, rvm_view*) { throw std::bad_alloc(); }

  private:
    /// The usual events always throw, instructions now and then: exceptions are slow under sanitizers.
    template <class Event>
    void spoil(Event copy, std::uint64_t throw_every = 1) {
        auto* bytes = reinterpret_cast<volatile unsigned char*>(&copy);
        constexpr int kRounds = 8; // slow, as far as a test can afford it
        for (int round = 0; round < kRounds; ++round)
            for (std::size_t i = 0; i < sizeof copy; ++i)
                bytes[i] = static_cast<unsigned char>(bytes[i] ^ 0xa5);
        if (++events_ % throw_every == 0) throw std::runtime_error("an event");
    }
    static constexpr std::uint64_t kThrowingOperation = 64;
    std::atomic<std::uint64_t> events_{0};
};

// ---- witness --------------------------------------------------------------------------------------------------------

/// Follows the rule of rvm_tracer: reverts are not reported, who observes knows which frames failed.
class Journal {
  public:
    void clear() { *this = {}; }
    void enter(std::uint64_t id) {
        open_.push_back({id, events_.size(), logs_});
        ++seen_.frames;
    }
    void leave(std::uint64_t id, rvm_status status) {
        if (open_.empty() || open_.back().id != id) {
            ++seen_.unbalanced;
            return;
        }
        if (status != RVM_OK) {
            events_.resize(open_.back().events);
            logs_ = open_.back().logs;
        }
        open_.pop_back();
    }
    void state(const rvm_state_event& event) {
        ++seen_.state_events;
        if (event.kind != RVM_STATE_TRANSIENT) events_.push_back(event);
    }
    void operation() { ++seen_.operations; }
    void log() { ++logs_; }

    [[nodiscard]] Seen seen() const {
        Seen out = seen_;
        out.logs = logs_;
        out.unbalanced += open_.size();
        for (const rvm_state_event& event : events_) {
            const Bytes20 address(std::begin(event.address.bytes), std::end(event.address.bytes));
            if (event.kind == RVM_STATE_DESTROY) {
                out.destroyed.insert(address);
                continue;
            }
            const Limbs key = event.kind == RVM_STATE_SLOT ? limbs(event.key) : Limbs{};
            const auto [at, first] =
                out.net.try_emplace({address, event.kind, key}, Seen::Net{limbs(event.before), {}});
            at->second.after = limbs(event.after);
        }
        std::erase_if(out.net, [](const auto& entry) { return entry.second.before == entry.second.after; });
        return out;
    }

  private:
    struct Open {
        std::uint64_t id;
        std::size_t events;
        std::uint64_t logs;
    };
    static Limbs limbs(const rvm_u256& value) { return {std::begin(value.limbs), std::end(value.limbs)}; }

    std::vector<Open> open_;
    std::vector<rvm_state_event> events_;
    std::uint64_t logs_ = 0;
    Seen seen_;
};
thread_local Journal journal; // outlives the transaction, so that a test can ask after its end

class Witness {
  public:
    rvm_status begin(const char*, std::uint64_t, void**) {
        journal.clear();
        return RVM_OK;
    }
    void enter(void*, std::uint64_t frame, const rvm_message*, const char*) { journal.enter(frame); }
    void leave(void*, std::uint64_t frame, const rvm_result* result) { journal.leave(frame, result->status); }
    void op(void*, std::uint64_t, const rvm_op_event*) { journal.operation(); }
    void state(void*, std::uint64_t, const rvm_state_event* event) { journal.state(*event); }
    void log(void*, std::uint64_t, const rvm_log_event*) { journal.log(); }
};

// ---- The plugin -----------------------------------------------------------------------------------------------------

constexpr std::uint32_t kEverything = RVM_TRACE_FRAME | RVM_TRACE_OP | RVM_TRACE_STATE | RVM_TRACE_LOG;
const char* const kProvides[] = {"rvm.tracer/1:hostile", "rvm.tracer/1:witness", nullptr};
constexpr rvm_descriptor kDescriptor = sdk::describe({.id = "org.rvm.test.tracers",
                                                      .version = "0.1.0",
                                                      .name = "Test tracers",
                                                      .vendor = "rvm",
                                                      .license = "MIT",
                                                      .description = "Observers that must not change a result",
                                                      .provides = kProvides});

class Tracers {
  public:
    explicit Tracers(sdk::Host) {
        using sdk::thunk;
        hostile_.struct_size = witness_.struct_size = sizeof(rvm_tracer);
        hostile_.interest = witness_.interest = kEverything;
        hostile_.id = kHostile;
        hostile_.summary = "does what an observer can do wrong";
        hostile_.self = &hostile_object_;
        hostile_.begin = thunk<&Hostile::begin>;
        hostile_.end = thunk<&Hostile::end>;
        hostile_.enter = thunk<&Hostile::enter>;
        hostile_.leave = thunk<&Hostile::leave>;
        hostile_.op = thunk<&Hostile::op>;
        hostile_.fault = thunk<&Hostile::fault>;
        hostile_.state = thunk<&Hostile::state>;
        hostile_.log = thunk<&Hostile::log>;
        hostile_.text = thunk<&Hostile::text>;
        witness_.id = kWitness;
        witness_.summary = "follows every change";
        witness_.self = &witness_object_;
        witness_.begin = thunk<&Witness::begin>;
        witness_.enter = thunk<&Witness::enter>;
        witness_.leave = thunk<&Witness::leave>;
        witness_.op = thunk<&Witness::op>;
        witness_.state = thunk<&Witness::state>;
        witness_.log = thunk<&Witness::log>;
        items_.add(hostile_).add(witness_);
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    Hostile hostile_object_;
    Witness witness_object_;
    rvm_tracer hostile_{}, witness_{};
    sdk::Contributions items_;
};

} // namespace

Seen witnessed() { return journal.seen(); }

const rvm_entry tracers_entry = RVM_ENTRY_INIT(&kDescriptor, &sdk::detail::Instance<Tracers>::create);

} // namespace rvm::determinism
