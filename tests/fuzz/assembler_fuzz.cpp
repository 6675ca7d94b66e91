// Any bytes as assembly text: never a crash, an error for every refusal, a valid program for every success.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "native/assembler.hpp"
#include "native/disassembler.hpp"

namespace {

void require(bool claim) {
    if (!claim) std::abort();
}

std::optional<rvm::native::ResolvedOpcode> resolve(std::string_view mnemonic) {
    if (mnemonic == "u256.add") return rvm::native::ResolvedOpcode{"u256.add", 3, 0, 0};
    if (mnemonic == "t.imm") return rvm::native::ResolvedOpcode{"t.imm", 1, 2, 3};
    return std::nullopt;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::native;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    rvm::Report report;
    const auto bytes = assemble(text, "fuzz.rasm", resolve, report);
    require(bytes.has_value() == report.ok());
    for (const rvm::Finding& finding : report.findings()) require(!finding.where.empty() && !finding.message.empty());
    if (!bytes) return 0;
    require(check(*bytes, "fuzz.rvm", report));
    constexpr std::size_t round_trip_bytes = 16384; // `zero 1000000` asks nothing new and takes all the time
    if (bytes->size() > round_trip_bytes) return 0;
    const auto written = disassemble(*bytes, report);
    require(written.has_value());
    const auto again = assemble(*written, "fuzz.rasm", {}, report);
    require(again.has_value() && *again == *bytes);
    return 0;
}
