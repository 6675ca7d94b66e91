// The pages of a data file, judged without LMDB: it trusts its file, and a damaged page can make it end the process.
#pragma once

#include <cstdint>
#include <string>

namespace rvm::lmdb {

/// How far to look.
enum class PageDepth : std::uint8_t {
    head, ///< both head pages, the list of keyspaces and the keyspace `meta`: what opening a store touches
    all,  ///< every page in use, the free list, and that no page has two uses
};

struct PageCounts {
    std::uint64_t commit = 0; ///< number of the commit that was judged
    std::uint64_t used = 0;   ///< pages in trees
    std::uint64_t free = 0;   ///< pages in the free list (PageDepth::all)
};

/// Judges the newest commit of the file `path`, or the one numbered `commit` when that is not 0: then a view of that
/// commit must be open, else a writer may reuse its pages meanwhile. Throws sdk::Failure: RVM_E_CONFIG when this is not
/// a file of LMDB on a machine like this one, RVM_E_IO naming the page that is wrong.
[[nodiscard]] PageCounts check_pages(const std::string& path, PageDepth depth, std::uint64_t commit = 0);

} // namespace rvm::lmdb
