// The tracer `jsonl`: every event as one JSON object a line. Fields: README.md.
#include <string>

#include "text.hpp"
#include "tracers.hpp"

namespace rvm::trace {
namespace {

/// One JSON object, written field by field.
class Line {
  public:
    explicit Line(const char* event) : text_(std::string("{\"event\":\"") + event + "\"") {}

    Line& number(const char* key, std::int64_t value) { return raw(key, std::to_string(value)); }
    Line& count(const char* key, std::uint64_t value) { return raw(key, std::to_string(value)); }
    /// Text of this plugin's own making, which needs no escapes.
    Line& plain(const char* key, const std::string& value) { return raw(key, '"' + value + '"'); }
    Line& string(const char* key, const char* value) { return raw(key, json_string(value)); }
    Line& raw(const char* key, const std::string& json) {
        text_ += std::string(",\"") + key + "\":" + json;
        return *this;
    }
    [[nodiscard]] std::string end() { return std::move(text_) + "}\n"; }

  private:
    std::string text_;
};

/// Stack words as hex numbers, bottom first.
std::string stack_json(const rvm_op_event& event) {
    std::string json = "[";
    if (event.word_bytes != 8 && event.word_bytes != 32) return "[]";
    for (std::uint64_t at = 0; at + event.word_bytes <= event.stack.size; at += event.word_bytes) {
        rvm_u256 word{};
        std::memcpy(word.limbs, event.stack.data + at, event.word_bytes);
        if (at != 0) json += ',';
        json += '"' + hex(word) + '"';
    }
    return json + "]";
}

class JsonLines {
  public:
    explicit JsonLines(std::uint64_t execution_id) { add(Line("begin").count("execution", execution_id)); }

    void enter(std::uint64_t frame_id, const rvm_message* message, const char* format) {
        Line line("enter");
        line.count("frame", frame_id).count("depth", message->depth).plain("kind", kind_name(message->kind));
        line.string("format", format).plain("sender", hex(message->sender)).plain("recipient", hex(message->recipient));
        line.plain("code_address", hex(message->code_address)).plain("value", hex(message->value));
        line.number("gas", message->gas).number("stipend", message->stipend).plain("input", hex(message->input));
        if (message->kind == RVM_CALL_CREATE) line.plain("init_code", hex(message->init_code));
        add(line);
    }

    void leave(std::uint64_t frame_id, const rvm_result* result) {
        Line line("leave");
        line.count("frame", frame_id).plain("status", status_name(result->status)).number("gas_left", result->gas_left);
        line.number("refund", result->refund).plain("output", hex(result->output));
        line.plain("created", hex(result->created)).count("detail", result->detail);
        line.count("fault_position", result->fault_position);
        add(line);
    }

    void op(std::uint64_t frame_id, const rvm_op_event* event) {
        Line line("op");
        write_op(line, frame_id, *event);
        add(line);
    }

    void fault(std::uint64_t frame_id, const rvm_op_event* event, rvm_status status) {
        Line line("fault");
        line.plain("status", status_name(status));
        write_op(line, frame_id, *event);
        add(line);
    }

    void state(std::uint64_t frame_id, const rvm_state_event* event) {
        Line line("state");
        line.count("frame", frame_id).plain("kind", state_name(event->kind)).plain("address", hex(event->address));
        if (event->kind == RVM_STATE_SLOT || event->kind == RVM_STATE_TRANSIENT) line.plain("key", hex(event->key));
        line.plain("before", hex(event->before)).plain("after", hex(event->after));
        add(line);
    }

    void log(std::uint64_t frame_id, const rvm_log_event* event) {
        std::string topics = "[";
        for (std::uint32_t i = 0; i < event->topic_count; ++i) {
            if (i != 0) topics += ',';
            topics += '"' + hex(event->topics[i]) + '"';
        }
        Line line("log");
        line.count("frame", frame_id).plain("address", hex(event->address)).raw("topics", topics + "]");
        line.plain("data", hex(event->data));
        add(line);
    }

    [[nodiscard]] const std::string& text() {
        if (dropped_ != 0) text_ += Line("truncated").count("dropped", dropped_).end();
        dropped_ = 0;
        return text_;
    }

  private:
    static void write_op(Line& line, std::uint64_t frame_id, const rvm_op_event& event) {
        line.count("frame", frame_id).count("depth", event.depth).plain("address", hex(event.address));
        line.string("format", event.format).count("pc", event.pc).count("opcode", event.opcode);
        line.string("name", event.name).number("gas", event.gas).number("cost", event.cost);
        line.number("refund", event.refund).raw("stack", stack_json(event));
        line.count("memory_size", event.memory.size).count("returned_size", event.returned.size);
    }

    void add(Line& line) {
        if (text_.size() > max_trace_bytes) {
            ++dropped_;
            return;
        }
        text_ += line.end();
    }
    void add(Line&& line) { add(line); }

    std::string text_;
    std::uint64_t dropped_ = 0;
};

} // namespace

rvm_tracer jsonl_tracer() noexcept {
    using T = Thunks<JsonLines>;
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.interest = RVM_TRACE_FRAME | RVM_TRACE_OP | RVM_TRACE_STATE | RVM_TRACE_LOG;
    tracer.id = "jsonl";
    tracer.summary = "every event as one JSON object a line";
    tracer.begin = &T::begin;
    tracer.end = &T::end;
    tracer.enter = &T::call<&JsonLines::enter, const rvm_message*, const char*>;
    tracer.leave = &T::call<&JsonLines::leave, const rvm_result*>;
    tracer.op = &T::call<&JsonLines::op, const rvm_op_event*>;
    tracer.fault = &T::call<&JsonLines::fault, const rvm_op_event*, rvm_status>;
    tracer.state = &T::call<&JsonLines::state, const rvm_state_event*>;
    tracer.log = &T::call<&JsonLines::log, const rvm_log_event*>;
    tracer.text = &T::text;
    return tracer;
}

} // namespace rvm::trace
