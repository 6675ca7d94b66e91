#include "plugin_check/allocations.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace rvm::host {

namespace {

bool fails() noexcept { return allocation_saboteur().strikes(); }

void* no_memory() noexcept {
    errno = ENOMEM;
    return nullptr;
}

void* try_malloc(std::size_t size) { return fails() ? no_memory() : std::malloc(size); }
void* try_calloc(std::size_t count, std::size_t size) { return fails() ? no_memory() : std::calloc(count, size); }
void* try_realloc(void* old, std::size_t size) { return fails() ? no_memory() : std::realloc(old, size); }
void* try_aligned_alloc(std::size_t alignment, std::size_t size) {
    return fails() ? no_memory() : std::aligned_alloc(alignment, size);
}
int try_posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    return fails() ? ENOMEM : ::posix_memalign(out, alignment, size);
}
char* try_strdup(const char* text) { return fails() ? static_cast<char*>(no_memory()) : ::strdup(text); }
void* try_new(std::size_t size) {
    if (fails()) throw std::bad_alloc();
    return ::operator new(size);
}
void* try_new_array(std::size_t size) {
    if (fails()) throw std::bad_alloc();
    return ::operator new[](size);
}
void* try_new_aligned(std::size_t size, std::align_val_t alignment) {
    if (fails()) throw std::bad_alloc();
    return ::operator new(size, alignment);
}
void* try_new_nothrow(std::size_t size, const std::nothrow_t& tag) noexcept {
    return fails() ? nullptr : ::operator new(size, tag);
}
void* try_new_array_nothrow(std::size_t size, const std::nothrow_t& tag) noexcept {
    return fails() ? nullptr : ::operator new[](size, tag);
}

struct Substitute {
    std::string_view name; ///< as the Itanium C++ ABI spells it for a 64-bit size_t
    void* function;
};
const std::array substitutes{
    Substitute{"malloc", reinterpret_cast<void*>(try_malloc)},
    Substitute{"calloc", reinterpret_cast<void*>(try_calloc)},
    Substitute{"realloc", reinterpret_cast<void*>(try_realloc)},
    Substitute{"aligned_alloc", reinterpret_cast<void*>(try_aligned_alloc)},
    Substitute{"posix_memalign", reinterpret_cast<void*>(try_posix_memalign)},
    Substitute{"strdup", reinterpret_cast<void*>(try_strdup)},
    Substitute{"_Znwm", reinterpret_cast<void*>(try_new)},
    Substitute{"_Znam", reinterpret_cast<void*>(try_new_array)},
    Substitute{"_ZnwmSt11align_val_t", reinterpret_cast<void*>(try_new_aligned)},
    Substitute{"_ZnwmRKSt9nothrow_t", reinterpret_cast<void*>(try_new_nothrow)},
    Substitute{"_ZnamRKSt9nothrow_t", reinterpret_cast<void*>(try_new_array_nothrow)},
};

/// The dynamic section of one loaded library, as the loader has relocated it.
struct Tables {
    ElfW(Addr) base = 0;
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    struct Relocations {
        const ElfW(Rela) * first = nullptr;
        std::size_t bytes = 0;
    } data, calls;
};

void* substitute_of(std::string_view name) {
    for (const Substitute& substitute : substitutes)
        if (substitute.name == name) return substitute.function;
    return nullptr;
}

/// The places of functions lie in pages that are read-only once the library is loaded.
bool write_place(void* place, void* function) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* const start = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(place) / page * page);
    if (::mprotect(start, page, PROT_READ | PROT_WRITE) != 0) return false;
    std::memcpy(place, &function, sizeof function);
    return true;
}

std::size_t redirect(const Tables& tables, const Tables::Relocations& list) {
    std::size_t count = 0;
    if (list.first == nullptr) return 0;
    for (std::size_t i = 0; i < list.bytes / sizeof(ElfW(Rela)); ++i) {
        const ElfW(Rela)& relocation = list.first[i];
        const std::size_t symbol = ELF64_R_SYM(relocation.r_info);
        if (symbol == 0) continue;
        void* const function = substitute_of(tables.names + tables.symbols[symbol].st_name);
        if (function == nullptr) continue;
        void* const place = reinterpret_cast<void*>(tables.base + relocation.r_offset);
        if (write_place(place, function)) ++count;
    }
    return count;
}

/// The loader's record of the library whose entry names this plugin, or nullptr.
const link_map* find_library(std::string_view plugin_id) {
    std::vector<std::string> names;
    const auto collect = [](dl_phdr_info* info, std::size_t, void* list) {
        static_cast<std::vector<std::string>*>(list)->emplace_back(info->dlpi_name);
        return 0;
    };
    ::dl_iterate_phdr(collect, &names);
    for (const std::string& name : names) {
        void* const handle = name.empty() ? nullptr : ::dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
        if (handle == nullptr) continue;
        const auto* const entry = static_cast<const rvm_entry*>(::dlsym(handle, RVM_ENTRY_SYMBOL));
        const link_map* map = nullptr;
        if (entry != nullptr && entry->descriptor->id == plugin_id && ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0)
            return map;
        ::dlclose(handle);
    }
    return nullptr;
}

} // namespace

Saboteur& allocation_saboteur() noexcept {
    static Saboteur saboteur;
    return saboteur;
}

std::size_t tap_allocations(std::string_view plugin_id) {
    const link_map* const map = find_library(plugin_id);
    if (map == nullptr) return 0;
    Tables tables;
    tables.base = map->l_addr;
    for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
        const ElfW(Addr) value = entry->d_un.d_ptr; // the loader has made addresses of the offsets
        if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(value);
        if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(value);
        if (entry->d_tag == DT_RELA) tables.data.first = reinterpret_cast<const ElfW(Rela)*>(value);
        if (entry->d_tag == DT_RELASZ) tables.data.bytes = entry->d_un.d_val;
        if (entry->d_tag == DT_JMPREL) tables.calls.first = reinterpret_cast<const ElfW(Rela)*>(value);
        if (entry->d_tag == DT_PLTRELSZ) tables.calls.bytes = entry->d_un.d_val;
    }
    if (tables.symbols == nullptr || tables.names == nullptr) return 0;
    return redirect(tables, tables.data) + redirect(tables, tables.calls);
}

} // namespace rvm::host
