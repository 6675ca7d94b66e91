// plugins/lib/verb: what ends the verb of a plugin is reported as the host reports its own findings.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include <rvm/report.hpp>

#include "verb/run.hpp"

namespace rvm::verb {
namespace {

/// A terminal that keeps what is written to it.
struct Written {
    std::string out, error;
    rvm_command_io io{};

    explicit Written(std::uint32_t flags = 0) {
        io.struct_size = sizeof io;
        io.flags = flags;
        io.ctx = this;
        io.write = [](void* ctx, std::uint32_t stream, rvm_view text) {
            auto& self = *static_cast<Written*>(ctx);
            (stream == RVM_IO_OUT ? self.out : self.error)
                .append(reinterpret_cast<const char*>(text.data), static_cast<std::size_t>(text.size));
            return RVM_OK;
        };
    }
};

TEST(verb, faults_are_the_registrys) {
    for (unsigned i = 0; i <= static_cast<unsigned>(Fault::internal); ++i) {
        const auto fault = static_cast<Fault>(i);
        const ErrorInfo* const info = find_error(code_of(fault));
        ASSERT_NE(info, nullptr) << code_of(fault);
        EXPECT_EQ(info->exit_status, exit_of(fault)) << code_of(fault);
    }
}

TEST(verb, the_status_of_a_body_is_the_verbs) {
    Written written;
    EXPECT_EQ(run(written.io, [] { return RVM_EXIT_TRAPPED; }), RVM_EXIT_TRAPPED);
    EXPECT_EQ(written.out + written.error, "");
}

TEST(verb, an_error_is_one_line_with_its_code) {
    Written written;
    EXPECT_EQ(run(written.io, []() -> std::int32_t { throw Error(Fault::unreadable, "a: no such file"); }), RVM_EXIT_USAGE);
    EXPECT_EQ(written.error, "error RVM-U02: a: no such file\n");
    EXPECT_EQ(written.out, "");
}

TEST(verb, whatever_else_is_thrown_is_internal) {
    const auto said = [](const std::function<std::int32_t()>& body) {
        Written written;
        EXPECT_EQ(run(written.io, body), RVM_EXIT_INTERNAL);
        return written.error;
    };
    EXPECT_EQ(said([]() -> std::int32_t { throw std::logic_error("what"); }), "error RVM-X01: what\n");
    EXPECT_EQ(said([]() -> std::int32_t { throw std::bad_alloc(); }), "error RVM-X01: there is not enough memory\n");
    EXPECT_EQ(said([]() -> std::int32_t { throw 7; }), "error RVM-X01: an exception of an unknown type\n");
}

TEST(verb, json_has_the_form_of_the_hosts_findings) {
    Written written(RVM_IO_JSON);
    EXPECT_EQ(report(written.io, Fault::refused, "the password\xff is wrong"), RVM_EXIT_TRAPPED);
    const nlohmann::json expected = {
        {"exit", 1}, {"findings", {{{"code", "RVM-U05"}, {"severity", "error"}, {"message", "the password\uFFFD is wrong"}}}}};
    EXPECT_EQ(nlohmann::json::parse(written.out), expected);
    EXPECT_EQ(written.error, "error RVM-U05: the password\xff is wrong\n");
}

TEST(verb, texts_do_not_steer_the_terminal) {
    Written written;
    say(written.io, Fault::malformed, "\x1b[2Ja\r\tb\nc\x7f");
    EXPECT_EQ(written.error, "error RVM-U03: \\x1b[2Ja\\x0d\tb\nc\\x7f\n");
}

} // namespace
} // namespace rvm::verb
