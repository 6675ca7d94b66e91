// The tracer `calltree`: one line a frame, indented by depth, with what it was asked, what it cost and how it ended;
// logs below their frame.
#include <string>
#include <vector>

#include "text.hpp"
#include "tracers.hpp"

namespace rvm::trace {
namespace {

/// Bytes of input, output and log data that a line shows.
constexpr std::uint64_t shown_bytes = 36; // a selector and one argument

class CallTree {
  public:
    explicit CallTree(std::uint64_t) {}

    void enter(std::uint64_t frame_id, const rvm_message* message, const char* format) {
        std::string line = kind_name(message->kind) + " " + hex(message->recipient);
        if (std::memcmp(message->code_address.bytes, message->recipient.bytes, sizeof message->recipient.bytes) != 0) {
            line += " code " + hex(message->code_address);
        }
        line += std::string(" [") + (format == nullptr ? "-" : format) + "] from " + hex(message->sender);
        const std::uint64_t* value = message->value.limbs;
        if ((value[0] | value[1] | value[2] | value[3]) != 0) line += " value " + decimal(message->value);
        if (message->input.size != 0) line += " input " + hex_head(message->input, shown_bytes);
        open_.push_back({frame_id, lines_.size(), message->gas + message->stipend});
        add(open_.size() - 1, std::move(line));
    }

    void leave(std::uint64_t frame_id, const rvm_result* result) {
        // Frames that ended by a host failure may leave no event: drop them up to the one that did.
        while (!open_.empty() && open_.back().id != frame_id) {
            open_.pop_back();
        }
        if (open_.empty()) return;
        const Open frame = open_.back();
        open_.pop_back();
        if (frame.line >= lines_.size()) return; // not kept
        std::string& line = lines_[frame.line];
        line += ": " + status_name(result->status) + ", gas " + std::to_string(frame.gas - result->gas_left);
        if (result->detail != 0) line += ", fault " + std::to_string(result->detail);
        if (result->status != RVM_OK && result->status != RVM_TRAP_REVERT) {
            line += " at " + std::to_string(result->fault_position);
        }
        if (result->output.size != 0) line += ", output " + hex_head(result->output, shown_bytes);
    }

    void log(std::uint64_t, const rvm_log_event* event) {
        std::string line = "log " + hex(event->address);
        for (std::uint32_t i = 0; i < event->topic_count; ++i) {
            line += (i == 0 ? " topics " : " ") + hex(event->topics[i]);
        }
        if (event->data.size != 0) line += " data " + hex_head(event->data, shown_bytes);
        add(open_.size(), std::move(line));
    }

    [[nodiscard]] const std::string& text() {
        text_.clear();
        for (const std::string& line : lines_) {
            text_ += line + "\n";
        }
        if (dropped_ != 0) text_ += "... " + std::to_string(dropped_) + " more lines\n";
        return text_;
    }

  private:
    struct Open {
        std::uint64_t id;
        std::size_t line;
        std::int64_t gas;
    };

    void add(std::size_t depth, std::string line) {
        if (size_ > max_trace_bytes) {
            ++dropped_;
            return;
        }
        constexpr std::size_t indent = 2;
        lines_.push_back(std::string(depth * indent, ' ') + line);
        size_ += lines_.back().size();
    }

    std::vector<std::string> lines_;
    std::vector<Open> open_;
    std::string text_;
    std::size_t size_ = 0;
    std::uint64_t dropped_ = 0;
};

} // namespace

rvm_tracer calltree_tracer() noexcept {
    using T = Thunks<CallTree>;
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.interest = RVM_TRACE_FRAME | RVM_TRACE_LOG;
    tracer.id = "calltree";
    tracer.summary = "calls, results, gas and logs as an indented tree";
    tracer.begin = &T::begin;
    tracer.end = &T::end;
    tracer.enter = &T::call<&CallTree::enter, const rvm_message*, const char*>;
    tracer.leave = &T::call<&CallTree::leave, const rvm_result*>;
    tracer.log = &T::call<&CallTree::log, const rvm_log_event*>;
    tracer.text = &T::text;
    return tracer;
}

} // namespace rvm::trace
