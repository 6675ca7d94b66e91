// The file of `rvm verify --batch`: any text is refused with a message, or each of its lines is answered.
#include <algorithm>
#include <cstring>
#include <string>

#include "verbs/verbs.hpp"
#include "wallet_fuzz_support.hpp"

namespace {

using namespace rvm::wallet;

/// What the verb reads and says.
struct Streams {
    std::string_view input;
    std::string output;
};

rvm_command_io io_of(Streams& streams) {
    rvm_command_io io{};
    io.struct_size = sizeof io;
    io.flags = RVM_IO_JSON;
    io.ctx = &streams;
    io.write = [](void* ctx, std::uint32_t stream, rvm_view text) -> rvm_status {
        if (stream == RVM_IO_OUT)
            static_cast<Streams*>(ctx)->output.append(reinterpret_cast<const char*>(text.data), text.size);
        return RVM_OK;
    };
    io.read = [](void* ctx, rvm_span* out) -> rvm_status {
        std::string_view& input = static_cast<Streams*>(ctx)->input;
        out->size = std::min<std::size_t>(out->size, input.size());
        if (out->size != 0) std::memcpy(out->data, input.data(), out->size);
        input.remove_prefix(out->size);
        return RVM_OK;
    };
    return io;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Streams streams{{reinterpret_cast<const char*>(data), size}, {}};
    const auto lines = static_cast<std::size_t>(std::ranges::count(streams.input, '\n')) + 1;
    const rvm_command_io io = io_of(streams);
    Context context(io, fuzz::primitives());
    fuzz::may_refuse([&] {
        const std::int32_t status = verify_verb(context, {"--batch", "-", "--threads", "1"});
        const Json answer = Json::parse(streams.output);
        const std::size_t signatures = answer.at("signatures"), invalid = answer.at("invalid").size();
        fuzz::require(signatures >= 1 && signatures <= lines && invalid <= signatures);
        fuzz::require(status == (invalid == 0 ? RVM_EXIT_OK : RVM_EXIT_TRAPPED));
    });
    return 0;
}
