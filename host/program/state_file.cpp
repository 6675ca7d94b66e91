#include "program/state_file.hpp"

#include <cerrno>

#include <sys/stat.h>

#include "cli/files.hpp"

namespace rvm::host {

void load_state(Io& io, const std::string& file, bool must_exist, StateForm form, Runtime& runtime, World& world) {
    struct stat status {};
    if (!must_exist && ::stat(file.c_str(), &status) != 0 && errno == ENOENT) return;
    load_alloc(read_input(io, file, max_state_bytes), file, form, runtime, world);
}

void save_state(const std::string& file, World& world) {
    write_atomically(file, alloc_text(world), ErrorCode::output_unwritable);
}

} // namespace rvm::host
