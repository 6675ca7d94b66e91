#include "engine/words.hpp"

#include <new>

namespace rvm::engine {

void Words::move(std::size_t capacity) {
    void* const moved = std::realloc(data_, capacity * sizeof(Word));
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<Word*>(moved);
    capacity_ = capacity;
}

} // namespace rvm::engine
