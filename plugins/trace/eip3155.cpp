// The tracer `eip3155`: one JSON object an instruction and a summary, with the fields of EIP-3155 as geth writes them.
#include <string>
#include <string_view>

#include "text.hpp"
#include "tracers.hpp"

namespace rvm::trace {
namespace {

std::string hex(std::int64_t value) { return trace::hex(rvm_u256{{static_cast<std::uint64_t>(value), 0, 0, 0}}); }

std::string stack_json(const rvm_op_event& event) {
    std::string json = "[";
    if (event.word_bytes != 8 && event.word_bytes != 32) return "[]";
    for (std::uint64_t at = 0; at + event.word_bytes <= event.stack.size; at += event.word_bytes) {
        rvm_u256 word{};
        std::memcpy(word.limbs, event.stack.data + at, event.word_bytes);
        if (at != 0) json += ',';
        json += '"' + trace::hex(word) + '"';
    }
    return json + "]";
}

class Eip3155 {
  public:
    explicit Eip3155(std::uint64_t) {}

    /// {"memory": true} adds the memory to every line.
    void configure(const char* config) {
        const std::string_view text = config == nullptr ? "" : config;
        const std::size_t key = text.find("\"memory\"");
        with_memory_ = key != std::string_view::npos && text.find("true", key) != std::string_view::npos;
    }

    void enter(std::uint64_t, const rvm_message* message, const char*) {
        if (message->depth == 0) budget_ = message->gas + message->stipend;
        ++depth_;
    }

    void leave(std::uint64_t, const rvm_result* result) {
        if (--depth_ != 0) return;
        finish_line();
        std::string line = "{\"output\":\"" + trace::hex(result->output).substr(2) + "\",\"gasUsed\":\"" +
                           hex(budget_ - result->gas_left) +
                           "\",\"pass\":" + (result->status == RVM_OK ? "true" : "false");
        if (result->status != RVM_OK) line += ",\"error\":\"" + status_name(result->status) + '"';
        add(line + "}\n");
    }

    void op(std::uint64_t, const rvm_op_event* event) {
        finish_line();
        std::string line = "{\"pc\":" + std::to_string(event->pc) + ",\"op\":" + std::to_string(event->opcode) +
                           ",\"gas\":\"" + hex(event->gas) + "\",\"gasCost\":\"" + hex(event->cost) + '"';
        if (with_memory_) line += ",\"memory\":\"" + trace::hex(event->memory) + '"';
        line += ",\"memSize\":" + std::to_string(event->memory.size) + ",\"stack\":" + stack_json(*event) +
                ",\"returnData\":\"" + trace::hex(event->returned) +
                "\",\"depth\":" + std::to_string(event->depth + 1) + ",\"refund\":" + std::to_string(event->refund) +
                ",\"opName\":" + json_string(event->name);
        line_ = std::move(line);
    }

    /// The instruction whose line is still open failed.
    void fault(std::uint64_t, const rvm_op_event*, rvm_status status) {
        if (!line_.empty()) line_ += ",\"error\":\"" + status_name(status) + '"';
    }

    [[nodiscard]] const std::string& text() {
        finish_line();
        if (dropped_ != 0) text_ += "{\"truncated\":" + std::to_string(dropped_) + "}\n";
        dropped_ = 0;
        return text_;
    }

  private:
    void finish_line() {
        if (line_.empty()) return;
        add(line_ + "}\n");
        line_.clear();
    }
    void add(const std::string& line) {
        if (text_.size() > max_trace_bytes)
            ++dropped_;
        else
            text_ += line;
    }

    std::string text_, line_;
    std::uint64_t dropped_ = 0;
    std::int64_t budget_ = 0;
    int depth_ = 0;
    bool with_memory_ = false;
};

rvm_status begin(void* self, const char* config, std::uint64_t execution_id, void** cookie) noexcept {
    const rvm_status status = Thunks<Eip3155>::begin(self, config, execution_id, cookie);
    if (status == RVM_OK) static_cast<Eip3155*>(*cookie)->configure(config);
    return status;
}

} // namespace

rvm_tracer eip3155_tracer() noexcept {
    using T = Thunks<Eip3155>;
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.interest = RVM_TRACE_FRAME | RVM_TRACE_OP;
    tracer.id = "eip3155";
    tracer.summary = "one JSON object an instruction (EIP-3155)";
    tracer.begin = &begin;
    tracer.end = &T::end;
    tracer.enter = &T::call<&Eip3155::enter, const rvm_message*, const char*>;
    tracer.leave = &T::call<&Eip3155::leave, const rvm_result*>;
    tracer.op = &T::call<&Eip3155::op, const rvm_op_event*>;
    tracer.fault = &T::call<&Eip3155::fault, const rvm_op_event*, rvm_status>;
    tracer.text = &T::text;
    return tracer;
}

} // namespace rvm::trace
