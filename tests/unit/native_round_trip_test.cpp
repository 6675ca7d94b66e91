// Properties over generated programs: text and bytes say the same, damage is found, runs repeat.
#include <gtest/gtest.h>

#include "native/disassembler.hpp"
#include "support/native_generator.hpp"
#include "support/native_runner.hpp"

namespace {

using rvm::Bytes;
using rvm::Report;
using namespace rvm::native;
using rvm::native::test::generate_program;
using rvm::native::test::Random;
using rvm::native::test::Runner;

constexpr std::uint64_t programs = 4000;

TEST(native_round_trip, generated_programs_are_valid) {
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        Report report;
        ASSERT_TRUE(check(generate_program(seed), "generated", report)) << "seed " << seed << "\n" << report.text();
    }
}

TEST(native_round_trip, encoding_a_decoded_container_gives_its_bytes) {
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        const Bytes bytes = generate_program(seed);
        Report report;
        const auto container = decode_container(bytes, "generated", report);
        ASSERT_TRUE(container.has_value());
        ASSERT_EQ(encode_container(*container), bytes) << "seed " << seed;
    }
}

TEST(native_round_trip, assembling_the_disassembly_gives_the_same_bytes) {
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        const Bytes bytes = generate_program(seed);
        Report report;
        const auto text = disassemble(bytes, report);
        ASSERT_TRUE(text.has_value()) << report.text();
        const auto again = assemble(*text, "generated.rasm", {}, report);
        ASSERT_TRUE(again.has_value()) << "seed " << seed << "\n" << report.text() << "\n" << *text;
        ASSERT_EQ(*again, bytes) << "seed " << seed << "\n" << *text;
    }
}

/// Damage is refused or gives another valid program; that one round-trips too.
TEST(native_round_trip, damaged_containers_are_refused_or_valid) {
    std::uint64_t refused = 0;
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        Bytes bytes = generate_program(seed);
        Random random{seed ^ 0xdada};
        for (std::uint32_t flips = 1 + random.below(3); flips != 0; --flips)
            bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<std::uint8_t>(random.next());
        if (random.chance(8)) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
        Report report;
        const auto container = decode_container(bytes, "damaged", report);
        if (container) {
            ASSERT_EQ(encode_container(*container), bytes) << "what decodes is canonical, seed " << seed;
        }
        const auto text = disassemble(bytes, report);
        if (!text) {
            ++refused;
            ASSERT_FALSE(report.ok());
            continue;
        }
        Report second;
        const auto again = assemble(*text, "damaged.rasm", {}, second);
        ASSERT_TRUE(again.has_value()) << "seed " << seed << "\n" << second.text() << "\n" << *text;
        ASSERT_EQ(*again, bytes) << "seed " << seed;
    }
    EXPECT_GT(refused, programs / 2);
}

TEST(native_round_trip, generated_programs_run_without_internal_errors_and_repeat) {
    std::uint64_t succeeded = 0;
    for (std::uint64_t seed = 0; seed < programs; ++seed) {
        const Bytes bytes = generate_program(seed, {.hosted = false, .decorated = false});
        Runner first;
        Runner second;
        second.flags = RVM_FRAME_TRACED;
        const auto a = first.run_bytes(bytes, 20'000);
        const auto b = second.run_bytes(bytes, 20'000);
        ASSERT_GE(a.status, RVM_OK) << "seed " << seed;
        ASSERT_EQ(a.status, b.status) << "the traced loop is the same machine, seed " << seed;
        ASSERT_EQ(a.gas_used, b.gas_used) << "seed " << seed;
        ASSERT_EQ(a.output, b.output) << "seed " << seed;
        ASSERT_EQ(a.position, b.position) << "seed " << seed;
        if (a.status == RVM_OK) ++succeeded;
    }
    EXPECT_GT(succeeded, programs / 10);
}

} // namespace
