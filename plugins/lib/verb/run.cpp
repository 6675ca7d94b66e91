#include "verb/run.hpp"

#include <array>
#include <exception>
#include <new>
#include <string>

#include <nlohmann/json.hpp>

namespace rvm::verb {
namespace {

struct Meaning {
    std::string_view code;
    std::int32_t exit;
};

constexpr std::array<Meaning, 9> meanings{{{"RVM-U01", RVM_EXIT_USAGE},
                                           {"RVM-U02", RVM_EXIT_USAGE},
                                           {"RVM-U03", RVM_EXIT_USAGE},
                                           {"RVM-U04", RVM_EXIT_USAGE},
                                           {"RVM-U05", RVM_EXIT_TRAPPED},
                                           {"RVM-P02", RVM_EXIT_TRAPPED},
                                           {"RVM-D01", RVM_EXIT_CONFIG},
                                           {"RVM-R04", RVM_EXIT_CONFIG},
                                           {"RVM-X01", RVM_EXIT_INTERNAL}}};
static_assert(meanings.size() == static_cast<std::size_t>(Fault::internal) + 1);

void write(const rvm_command_io& io, std::uint32_t stream, std::string_view text) {
    static_cast<void>(io.write(io.ctx, stream, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

/// Without the control characters that a file's name or text could steer the terminal with.
std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool steers = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
        if (!steers) {
            result += c;
            continue;
        }
        result += "\\x";
        result += "0123456789abcdef"[byte >> 4u];
        result += "0123456789abcdef"[byte & 15u];
    }
    return result;
}

} // namespace

std::string_view code_of(Fault fault) noexcept { return meanings[static_cast<std::size_t>(fault)].code; }
std::int32_t exit_of(Fault fault) noexcept { return meanings[static_cast<std::size_t>(fault)].exit; }

void say(const rvm_command_io& io, Fault fault, std::string_view text) noexcept {
    try {
        write(io, RVM_IO_ERROR, "error " + std::string(code_of(fault)) + ": " + printable(text) + "\n");
    } catch (const std::exception&) {
        write(io, RVM_IO_ERROR, code_of(fault));
        write(io, RVM_IO_ERROR, "\n");
    }
}

std::int32_t report(const rvm_command_io& io, Fault fault, std::string_view text) noexcept {
    try {
        if ((io.flags & RVM_IO_JSON) != 0) {
            const nlohmann::ordered_json document = {
                {"exit", exit_of(fault)},
                {"findings", {{{"code", code_of(fault)}, {"severity", "error"}, {"message", text}}}}};
            // Texts may come from files: invalid UTF-8 is replaced rather than thrown over.
            write(io, RVM_IO_OUT, document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
        }
    } catch (const std::exception&) { // what follows is said all the same
    }
    say(io, fault, text);
    return exit_of(fault);
}

std::int32_t run(const rvm_command_io& io, const std::function<std::int32_t()>& body) noexcept {
    try {
        return body();
    } catch (const Error& error) {
        return report(io, error.fault(), error.what());
    } catch (const std::bad_alloc&) {
        return report(io, Fault::internal, "there is not enough memory");
    } catch (const std::exception& error) {
        return report(io, Fault::internal, error.what());
    } catch (...) {
        return report(io, Fault::internal, "an exception of an unknown type");
    }
}

} // namespace rvm::verb
