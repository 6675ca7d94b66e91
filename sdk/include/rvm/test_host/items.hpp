// Test host: opcodes, syscalls, primitives and programs, one call at a time. Included by <rvm/test_host.hpp>; not for direct use.
#ifndef RVM_TEST_HOST_ITEMS_HPP
#define RVM_TEST_HOST_ITEMS_HPP

#include <algorithm>

#include <rvm/test_host/detail.hpp>

namespace rvm::sdk::test {

inline TestHost::Frame TestHost::make_frame(const rvm_message& message, std::uint32_t flags) {
    Frame frame{};
    frame.struct_size = sizeof(rvm_frame);
    frame.flags = flags;
    frame.depth = message.depth;
    frame.gas = message.gas + message.stipend;
    frame.msg = &message;
    frame.env = env_.data();
    frame.self = state_.handle(from_c(message.recipient));
    frame.code = state_.handle(from_c(message.code_address));
    frame.host = this;
    return frame;
}

inline OpcodeRun TestHost::run_opcode(std::string_view id, std::initializer_list<rvm_word> args,
                                      OpcodeOptions options) {
    const auto& opcode = find<rvm_opcode>(RVM_KIND_OPCODE, id);
    if (args.size() != opcode.pops) {
        throw std::runtime_error(std::string(id) + " takes " + std::to_string(opcode.pops) + " operands");
    }
    const std::size_t window_words = std::max(opcode.pops, opcode.pushes);
    Guarded window(window_words * sizeof(rvm_word),
                   {reinterpret_cast<const std::uint8_t*>(args.begin()), args.size() * sizeof(rvm_word)});
    Guarded memory(options.memory.size(), options.memory);

    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = options.gas;
    message.recipient = message.code_address = to_c(address(1));
    Frame frame = make_frame(message, options.flags);
    frame.memory = memory.span();
    guard_.gas = 0;
    const bool guarded = (opcode.flags & RVM_F_PURE) != 0 && (opcode.flags & RVM_F_MEMORY) == 0;

    OpcodeRun run{};
    run.status = rvm_charge(&frame, opcode.gas);
    if (run.status == RVM_OK && (options.flags & RVM_FRAME_STATIC) != 0 && (opcode.flags & RVM_F_WRITES_STATE) != 0) {
        run.status = RVM_TRAP_STATIC;
    }
    if (run.status == RVM_OK) {
        const std::int64_t before = frame.gas;
        // The window is 8-byte aligned: the margin is a multiple of 8 and vectors are aligned for any scalar.
        auto* words = reinterpret_cast<rvm_word*>(window.data());
        run.status = opcode.run(opcode.self, guarded ? &guard_ : &frame, words, options.immediate);
        if (frame.gas > before) violation(std::string(id) + " raised the gas");
        if (frame.gas < before && (opcode.flags & RVM_F_CHARGES) == 0) {
            violation(std::string(id) + " charged gas without RVM_F_CHARGES");
        }
    }
    check_status(id, run.status);
    if (!window.intact()) violation(std::string(id) + " wrote outside its operand window");
    if (!memory.intact()) violation(std::string(id) + " wrote outside the memory");
    run.words.resize(opcode.pushes);
    if (opcode.pushes != 0) std::memcpy(run.words.data(), window.data(), opcode.pushes * sizeof(rvm_word));
    run.memory = memory.content();
    run.gas_used = options.gas - std::max<std::int64_t>(frame.gas, 0);
    return run;
}

inline BytesRun TestHost::run_syscall(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity,
                                      std::int64_t gas) {
    const auto& item = find<rvm_syscall>(RVM_KIND_SYSCALL, id);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = gas;
    message.recipient = message.code_address = to_c(address(1));
    Frame frame = make_frame(message, 0);
    const std::uint64_t cost = item.gas == nullptr ? 0 : price(*item.gas, item.self, detail::view(input));
    BytesRun run{rvm_charge(&frame, cost), {}, 0};
    if (run.status == RVM_OK) {
        Guarded output(std::min<std::size_t>(capacity, item.max_output));
        std::uint64_t size = 0;
        const bool pure = (item.flags & RVM_F_PURE) != 0;
        run.status = item.run(item.self, pure ? &guard_ : &frame, detail::view(input), output.span(), &size);
        if (!output.intact()) violation(std::string(id) + " wrote outside its output");
        if (run.status == RVM_OK) {
            if (size > output.size()) violation(std::string(id) + " says it wrote more than there was room for");
            run.output = output.content();
            run.output.resize(std::min<std::size_t>(size, output.size()));
        }
    }
    check_status(id, run.status);
    run.gas_used = gas - std::max<std::int64_t>(frame.gas, 0);
    return run;
}

inline BytesRun TestHost::run_crypto(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity) {
    const auto& item = find<rvm_crypto>(RVM_KIND_CRYPTO, id);
    BytesRun run{RVM_OK, {}, 0};
    if (item.shape == RVM_CRYPTO_HASH) {
        Guarded output(item.digest_size);
        item.hash(item.self, detail::view(input), output.data());
        if (!output.intact()) violation(std::string(id) + " wrote outside its digest");
        run.output = output.content();
        return run;
    }
    Guarded output(capacity);
    std::uint64_t size = 0;
    run.status = item.run(item.self, detail::view(input), output.span(), &size);
    if (!output.intact()) violation(std::string(id) + " wrote outside its output");
    check_status(id, run.status);
    if (run.status == RVM_E_BUFFER_TOO_SMALL && size <= capacity) {
        violation(std::string(id) + " says too small but needs no more than there was");
    }
    if (run.status == RVM_OK) {
        run.output = output.content();
        run.output.resize(std::min<std::size_t>(size, capacity));
    }
    return run;
}

inline BytesRun TestHost::run_program(std::string_view id, std::span<const std::uint8_t> input, std::int64_t gas) {
    const auto& item = find<rvm_program>(RVM_KIND_PROGRAM, id);
    BytesRun run{RVM_OK, {}, 0};
    std::size_t capacity = 0; // begins too small, so that every program shows how it asks for more
    for (int attempt = 0; attempt < 2; ++attempt) {
        Guarded output(capacity);
        rvm_span span = output.span();
        std::int64_t left = gas;
        run.status = item.run(item.self, detail::view(input), &left, &span);
        if (!output.intact()) violation(std::string(id) + " wrote outside its output");
        if (left > gas || left < 0) violation(std::string(id) + " left more gas than it got, or less than none");
        if (run.status == RVM_E_BUFFER_TOO_SMALL) {
            if (left != gas) violation(std::string(id) + " charged gas although the output was too small");
            capacity = std::min<std::uint64_t>(span.size, output_limit);
            continue;
        }
        run.gas_used = gas - left;
        if (run.status == RVM_OK) {
            run.output = output.content();
            run.output.resize(std::min<std::size_t>(span.size, capacity));
        }
        break;
    }
    check_status(id, run.status);
    return run;
}

inline std::size_t TestHost::failing_known_answers(std::string_view id) {
    const auto& item = find<rvm_crypto>(RVM_KIND_CRYPTO, id);
    std::size_t failing = 0;
    for (std::uint64_t i = 0; i < item.kat_count; ++i) {
        const rvm_kat& kat = item.kats[i];
        const BytesRun run = run_crypto(id, {kat.input.data, kat.input.size});
        if (run.status == kat.status && (kat.status != RVM_OK || run.output == detail::copy(kat.expected))) continue;
        ++failing;
        violation(std::string(id) + ": known answer " + std::to_string(i) + " differs");
    }
    return failing;
}

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_ITEMS_HPP
