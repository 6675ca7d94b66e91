// A recording of the corpus replays equal and is made again byte for byte; what is changed in it is found where it matters.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "record/coding.hpp"
#include "record/recorder.hpp"
#include "record/listener.hpp"
#include "record/step_reader.hpp"
#include "replay/replayer.hpp"

namespace rvm::determinism {
namespace {

using record::Call;
using record::Recording;

/// The corpus, recorded once.
Recording recorded(std::uint64_t steps) {
    record::Recorder recorder(steps);
    const auto runtime = open_runtime([&](RuntimeOptions& options) { recorder.attach(options); });
    static_cast<void>(run(*runtime));
    return recorder.take();
}

const Recording& whole() {
    static const Recording recording = recorded(record::default_steps);
    return recording;
}

Runtime& listening() {
    static const std::unique_ptr<Runtime> runtime = open_runtime([](RuntimeOptions& options) { record::listen(options, true); });
    return *runtime;
}

constexpr const char* conformance_evm = "mini-evm";

/// The calls of execute, in order.
std::vector<Call*> executions(Recording& recording) {
    std::vector<Call*> calls;
    for (record::World& world : recording.worlds)
        for (Call& call : world.calls)
            if (call.kind == Call::Kind::execute) calls.push_back(&call);
    return calls;
}

TEST(replay, a_recorded_run_has_the_same_results) {
    record::Recorder recorder(record::default_steps);
    const auto runtime = open_runtime([&](RuntimeOptions& options) { recorder.attach(options); });
    EXPECT_EQ(run(*runtime), run(*open_runtime()));
}

TEST(replay, of_a_recording_is_equal) {
    const replay::Outcome outcome = replay::replay(listening(), whole());
    EXPECT_FALSE(outcome.divergence.has_value());
    EXPECT_EQ(outcome.executions, corpus().transactions.size());
    EXPECT_EQ(outcome.steps, whole().steps);
    EXPECT_GT(outcome.steps, 10'000U);
}

TEST(replay, the_file_holds_the_recording) {
    const Bytes file = record::encode(whole());
    EXPECT_EQ(record::encode(record::decode(file, true)), file);
    EXPECT_FALSE(replay::replay(listening(), record::decode(file)).divergence.has_value());
}

TEST(replay, recorded_again_gives_the_same_bytes) {
    static_cast<void>(whole()); // made by a recorder of its own, and there is one at a time
    record::Recorder recorder(record::default_steps);
    const auto runtime = open_runtime([&](RuntimeOptions& options) { recorder.attach(options); });
    static_cast<void>(replay::replay(*runtime, whole(), replay::Purpose::repeat));
    EXPECT_TRUE(record::encode(recorder.take()) == record::encode(whole()));
}

TEST(replay, without_steps_results_are_compared) {
    const Recording recording = recorded(0);
    EXPECT_EQ(recording.kept_steps, 0U);
    EXPECT_LT(record::encode(recording).size(), record::encode(whole()).size() / 2);
    EXPECT_FALSE(replay::replay(listening(), recording).divergence.has_value());
    Recording changed = recording;
    executions(changed)[7]->answer.gas_left -= 1;
    EXPECT_TRUE(replay::replay(listening(), changed).divergence.has_value());
}

TEST(replay, instructions_beyond_the_limit_are_left_out) {
    constexpr std::uint64_t kept = 1000;
    const Recording recording = recorded(kept);
    EXPECT_EQ(recording.kept_steps, kept);
    EXPECT_EQ(recording.steps, whole().steps);
    EXPECT_FALSE(replay::replay(listening(), recording).divergence.has_value());
}

TEST(replay, a_changed_input_is_found_where_the_program_reads_it) {
    // Every message's input, one after another: where the program looks at it something differs, and nothing before.
    std::size_t found = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        Recording changed = whole();
        Call& call = *executions(changed)[i];
        if (call.message.input.empty()) continue;
        call.message.input[0] ^= 1;
        const replay::Outcome outcome = replay::replay(listening(), changed);
        ASSERT_TRUE(outcome.divergence.has_value()) << i;
        EXPECT_EQ(outcome.divergence->execution, i);
        // The frame's message was recorded too; of more than 32 bytes the piece is named that differs.
        EXPECT_EQ(outcome.divergence->what, call.message.input.size() > 32 ? "input at 0" : "input");
        ++found;
    }
    EXPECT_GT(found, 20U);
}

TEST(replay, a_changed_answer_is_found_in_its_execution) {
    const std::size_t count = corpus().transactions.size();
    for (std::size_t i = 0; i < count; i += 37) {
        Recording changed = whole();
        executions(changed)[i]->answer.refund += 1;
        const replay::Outcome outcome = replay::replay(listening(), changed);
        ASSERT_TRUE(outcome.divergence.has_value()) << i;
        EXPECT_EQ(outcome.divergence->execution, i);
        EXPECT_EQ(outcome.divergence->what, "refund");
    }
}

TEST(replay, another_program_is_found_at_its_instruction) {
    // Every program of the mini EVM is another: the first one that runs does something else.
    Recording changed = whole();
    for (record::World& world : changed.worlds)
        for (Call& call : world.calls)
            if (call.kind == Call::Kind::set_code && call.text == conformance_evm) call.bytes = {0x60, 0x01, 0x60, 0x02, 0x01, 0x00};
    const replay::Outcome outcome = replay::replay(listening(), changed);
    ASSERT_TRUE(outcome.divergence.has_value());
    EXPECT_FALSE(outcome.divergence->recorded_window.empty());
    EXPECT_FALSE(outcome.divergence->replayed_window.empty());
    EXPECT_NE(outcome.divergence->recorded, outcome.divergence->replayed);
}

TEST(replay, files_that_are_cut_or_changed_are_refused_with_a_place) {
    const Bytes file = record::encode(recorded(200));
    for (std::size_t size = 0; size < file.size(); size += 1 + size / 7) {
        try {
            static_cast<void>(record::decode(ByteView(file).first(size), true));
            ADD_FAILURE() << size;
        } catch (const record::Malformed& malformed) {
            EXPECT_LE(malformed.offset, size);
            EXPECT_FALSE(malformed.expected.empty());
        }
        Bytes mended(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
        mended.resize(mended.size() + 32);
        record::mend_checksum(mended);
        EXPECT_THROW(static_cast<void>(record::decode(mended, true)), record::Malformed) << size;
    }
    for (std::size_t at = 0; at < file.size(); at += 97) {
        Bytes other = file;
        other[at] ^= 0x40;
        EXPECT_ANY_THROW(static_cast<void>(record::decode(other, true))) << at;
    }
}

TEST(replay, a_call_that_is_refused_is_not_written_down) {
    record::Recorder recorder(record::default_steps);
    const auto runtime = open_runtime([&](RuntimeOptions& options) { recorder.attach(options); });
    const rvm_host_world& worlds = runtime->worlds();
    rvm_world* world = nullptr;
    rvm_error error{sizeof(rvm_error), 0, ""};
    ASSERT_EQ(worlds.open(runtime->context(), RVM_WORLD_EPHEMERAL, &world, &error), RVM_OK);
    EXPECT_NE(worlds.tx_end(world, 0, nullptr, &error), RVM_OK);
    ASSERT_EQ(worlds.tx_begin(world, nullptr, &error), RVM_OK);
    EXPECT_NE(worlds.tx_begin(world, nullptr, &error), RVM_OK);
    const record::Message nothing;
    const rvm_message message = nothing.view();
    rvm_result result{};
    result.struct_size = sizeof result;
    EXPECT_EQ(worlds.execute(world, &message, &result, &error), RVM_OK);
    EXPECT_EQ(worlds.tx_end(world, 0, nullptr, &error), RVM_OK);
    worlds.close(world);
    const Bytes file = record::encode(recorder.take());
    EXPECT_FALSE(replay::replay(listening(), record::decode(file, true)).divergence.has_value());
}

TEST(replay, a_later_version_is_named) {
    Bytes file = record::encode(recorded(1));
    file[record::file_magic.size()] = 9;
    try {
        static_cast<void>(record::decode(file));
        FAIL();
    } catch (const record::Newer& newer) {
        EXPECT_EQ(newer.version, 9U);
    }
}

} // namespace
} // namespace rvm::determinism
