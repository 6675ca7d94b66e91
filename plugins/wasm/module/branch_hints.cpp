#include "module/branch_hints.hpp"

#include <string>

#include "module/instruction.hpp"

namespace rvm::wasm {
namespace {

/// The hints of one function, on the instructions of its body.
void check_function(const Module& module, Reader& hints, std::uint32_t count, const Range& body) {
    Reader reader(module.part(body), body.offset);
    for (std::uint32_t groups = reader.u32("locals"); groups > 0; --groups) {
        reader.u32("locals");
        read_value_type(reader, module.features, module.type_first);
    }
    Instruction in;
    std::uint64_t least = 0; // of the next hint's target
    for (; count > 0; --count) {
        const std::uint64_t at = hints.offset();
        const std::uint64_t target = std::uint64_t{body.offset} + hints.u32("the place of a branch hint");
        if (hints.u32("the size of a branch hint") != 1) malformed(at, "a branch hint has one byte");
        if (hints.byte("a branch hint") > 1) malformed(at, "a branch hint is 0 or 1");
        if (target < least) malformed(at, "branch hints are not in order");
        least = target + 1;
        bool found = false;
        while (!reader.at_end() && reader.offset() <= target) {
            read_instruction(reader, module.features, module.type_first, in);
            found = in.at == target && (in.op == Op::if_ || in.op == Op::br_if);
        }
        if (!found) invalid(at, "a branch hint's target is no if or br_if: byte " + std::to_string(target));
    }
}

} // namespace

void check_branch_hints(const Module& module) {
    bool seen = false; // a second section could have every body read again
    for (const CustomSection& section : module.customs) {
        if (section.name != branch_hint_section) continue;
        if (seen) malformed(section.contents.offset, "there are branch hints in an earlier section already");
        seen = true;
        Reader hints(module.part(section.contents), section.contents.offset);
        std::uint32_t least = module.imported_functions; // of the next function's index
        for (std::uint32_t functions = hints.u32("branch hints"); functions > 0; --functions) {
            const std::uint64_t at = hints.offset();
            const std::uint32_t function = hints.u32("a function's index");
            if (function < least || function - module.imported_functions >= module.bodies.size())
                invalid(at,
                        "branch hints of function " + std::to_string(function) + ", which has no body or is not next");
            least = function + 1;
            const std::uint32_t count = hints.u32("branch hints");
            check_function(module, hints, count, module.bodies[function - module.imported_functions]);
        }
        if (!hints.at_end()) malformed(hints.offset(), "bytes remain after the branch hints");
    }
}

} // namespace rvm::wasm
