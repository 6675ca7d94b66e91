// Where two values that are not the same part, and what both are there.
#pragma once

#include <optional>
#include <string>

#include "record/step_reader.hpp"

namespace rvm::replay {

struct Difference {
    std::string what, recorded, replayed;
};

/// The topmost word of two stacks that differs.
[[nodiscard]] Difference stack_difference(const rvm_op_event& recorded, const rvm_op_event& replayed);
/// The first piece of two memories that differs; none where the recorded one was not looked at.
[[nodiscard]] std::optional<Difference> memory_difference(const record::Event& recorded, const rvm_op_event& replayed);
/// Of two texts called `what`: both whole if they are short, else the first piece that differs.
[[nodiscard]] Difference bytes_difference(std::string what, ByteView recorded, ByteView replayed);

} // namespace rvm::replay
