#include "record/recording_listener.hpp"

#include <cstring>
#include <utility>

namespace rvm::record {

namespace {

Bytes words_as_bytes(const rvm_word* words, std::size_t count) {
    Bytes out(count * sizeof(rvm_word));
    if (count != 0) std::memcpy(out.data(), words, out.size());
    return out;
}

} // namespace

void RecordingListener::enter(std::uint64_t frame, const rvm_message& message, const char* format) {
    writer_.enter(frame, message, format);
}
void RecordingListener::leave(std::uint64_t frame, const rvm_result& result) { writer_.leave(frame, result); }
void RecordingListener::op(std::uint64_t, const rvm_op_event& event) { writer_.op(event); }
void RecordingListener::fault(std::uint64_t, const rvm_op_event& event, rvm_status status) {
    writer_.fault(event, status);
}
void RecordingListener::state(std::uint64_t, const rvm_state_event& event) { writer_.state(event); }
void RecordingListener::log(std::uint64_t, const rvm_log_event& event) { writer_.log(event); }

rvm_status RecordingListener::syscall(const rvm_syscall& item, rvm_frame* frame, rvm_view input, rvm_span output,
                                      std::uint64_t* output_size) {
    if (ItemRuns::now()) return item.run(item.self, frame, input, output, output_size); // asked by an item: a part of its answer
    External answer;
    answer.id = item.id;
    if (input.size != 0) answer.input.assign(input.data, input.data + input.size);
    gas_ = frame->gas;
    answer.status = [&] {
        const ItemRuns runs;
        return outside_ != nullptr ? outside_->syscall(item, frame, input, output, output_size)
                                   : item.run(item.self, frame, input, output, output_size);
    }();
    answer.gas = wrapping_difference(gas_, frame->gas);
    if (answer.status == RVM_OK && *output_size <= output.size && *output_size != 0)
        answer.output.assign(output.data, output.data + *output_size);
    if (answer.status >= RVM_E_CANCELLED && answer.status <= RVM_TRAP_LIMIT) writer_.external(answer);
    return answer.status;
}

rvm_status RecordingListener::opcode(const rvm_opcode& item, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) {
    if (ItemRuns::now()) return item.run(item.self, frame, args, immediate);
    External answer;
    answer.id = item.id;
    answer.input = words_as_bytes(args, item.pops);
    const bool with_memory = (item.flags & RVM_F_MEMORY) != 0 && frame->memory.size != 0;
    Bytes memory;
    if (with_memory) memory.assign(frame->memory.data, frame->memory.data + frame->memory.size);
    gas_ = frame->gas;
    answer.status = [&] {
        const ItemRuns runs;
        return outside_ != nullptr ? outside_->opcode(item, frame, args, immediate) : item.run(item.self, frame, args, immediate);
    }();
    answer.gas = wrapping_difference(gas_, frame->gas);
    if (answer.status == RVM_OK) answer.output = words_as_bytes(args, item.pushes);
    if (with_memory)
        answer.memory = differences(memory, {frame->memory.data, static_cast<std::size_t>(frame->memory.size)});
    if (answer.status >= RVM_E_CANCELLED && answer.status <= RVM_TRAP_LIMIT) writer_.external(answer);
    return answer.status;
}

void RecordingListener::deed(const rvm_frame& frame, Deed deed) {
    deed.gas = wrapping_difference(std::exchange(gas_, frame.gas), frame.gas);
    writer_.deed(deed);
}

std::uint32_t RecordingListener::block_hash(const rvm_tx_env& env, std::uint64_t number, rvm_bytes32* out) {
    BlockHash answer{.number = number, .known = false, .hash = {}};
    if (outside_ != nullptr)
        answer.known = outside_->block_hash(env, number, &answer.hash) != 0;
    else
        answer.known = env.block_hash != nullptr && env.block_hash(env.ctx, number, &answer.hash) != 0;
    if (!ItemRuns::now()) writer_.block_hash(answer); // what an item asks is a part of its answer
    if (answer.known) *out = answer.hash;
    return answer.known ? 1 : 0;
}

} // namespace rvm::record
