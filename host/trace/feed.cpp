#include "trace/feed.hpp"

#include <fmt/format.h>

#include "cli/session.hpp"
#include "record/step_reader.hpp"

namespace rvm::host {

namespace {

/// A tracer that was begun.
class Told {
  public:
    Told(const rvm_tracer& tracer, std::uint64_t number) : tracer_(tracer) {
        if (tracer.begin != nullptr && tracer.begin(tracer.self, "{}", number, &cookie_) != RVM_OK)
            throw failure(ErrorCode::host_failed, {}, {}, fmt::format("the tracer {} refuses to start", tracer.id));
    }
    ~Told() {
        if (tracer_.end != nullptr) tracer_.end(tracer_.self, cookie_, nullptr);
    }
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;

    void tell(const record::Event& event) {
        using Kind = record::Event::Kind;
        switch (event.kind) {
        case Kind::enter: {
            const rvm_message message = event.message.view(event.depth);
            call(RVM_TRACE_FRAME, tracer_.enter, event.frame, &message, event.format);
            break;
        }
        case Kind::leave: {
            const rvm_result result = event.answer.view();
            call(RVM_TRACE_FRAME, tracer_.leave, event.frame, &result);
            break;
        }
        case Kind::op:
            call(RVM_TRACE_OP, tracer_.op, event.frame, &event.op);
            break;
        case Kind::fault:
            call(RVM_TRACE_OP, tracer_.fault, event.frame, &event.op, event.status);
            break;
        case Kind::state:
            call(RVM_TRACE_STATE, tracer_.state, event.frame, &event.state);
            break;
        case Kind::log: {
            const rvm_log_event log{.struct_size = sizeof(rvm_log_event),
                                    .topic_count = static_cast<std::uint32_t>(event.log.topics.size()),
                                    .topics = event.log.topics.data(),
                                    .data = {event.log.data.data(), event.log.data.size()},
                                    .address = event.log.address,
                                    .reserved = 0};
            call(RVM_TRACE_LOG, tracer_.log, event.frame, &log);
            break;
        }
        case Kind::external:
        case Kind::block_hash:
        case Kind::steps_end:
        case Kind::deed: // what came of it is told as well
            break;
        }
    }

    [[nodiscard]] std::string text() const {
        rvm_view view{};
        if (tracer_.text == nullptr || tracer_.text(tracer_.self, cookie_, &view) != RVM_OK) return {};
        return {reinterpret_cast<const char*>(view.data), static_cast<std::size_t>(view.size)};
    }

  private:
    template <class Function, class... More>
    void call(std::uint32_t kind, Function function, std::uint64_t frame, More... more) {
        if (function != nullptr && (tracer_.interest & kind) != 0) function(tracer_.self, cookie_, frame, more...);
    }

    const rvm_tracer& tracer_;
    void* cookie_ = nullptr;
};

} // namespace

std::string trace_text(const rvm_tracer& tracer, const record::Call& execution, std::uint64_t number,
                       const TraceFilter& filter) {
    Told told(tracer, number);
    Filtering filtering(filter);
    record::StepReader reader(execution.events);
    record::Event event;
    while (reader.next(event))
        if (filtering.shows(event)) told.tell(event);
    return told.text();
}

} // namespace rvm::host
