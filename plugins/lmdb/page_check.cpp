#include "page_check.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

#include "failure.hpp"

namespace rvm::lmdb {

namespace {

// The file format of LMDB 0.9 on machines with 64-bit pointers, integers in the machine's byte order (mdb.c: MDB_page,
// MDB_node, MDB_db, MDB_meta).
constexpr std::size_t page_head = 16; // number (8), pad (2), flags (2), end of the offsets (2), begin of the nodes (2)
constexpr std::size_t node_head = 8;  // size or child (4, in two halves), flags (2), key size (2)
constexpr std::size_t tree_size = 48; // pad (4), flags (2), depth (2), branch, leaf, overflow pages, entries, root (8)
constexpr std::size_t meta_size = 136;
constexpr std::uint32_t meta_magic = 0xBEEFC0DE;
constexpr std::uint32_t meta_version = 1;
constexpr std::uint16_t page_branch = 1, page_leaf = 2, page_overflow = 4, page_meta = 8;
constexpr std::uint16_t page_kinds = 0x7f & ~0x10; // all but "dirty", which means nothing in a file
constexpr std::uint16_t node_big = 1, node_tree = 2, node_duplicates = 4;
constexpr std::uint16_t tree_integer_keys = 8, tree_kinds = 0x7e; // reversed keys, duplicates of four kinds
constexpr std::uint64_t no_page = UINT64_MAX;
constexpr unsigned most_levels = 32; // mdb.c: CURSOR_STACK

template <class Number>
Number load(const std::uint8_t* at) noexcept {
    Number value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

struct Tree {
    std::uint16_t flags = 0, depth = 0;
    std::uint64_t branch_pages = 0, leaf_pages = 0, overflow_pages = 0, entries = 0, root = no_page;

    static Tree read(const std::uint8_t* at) noexcept {
        return {load<std::uint16_t>(at + 4),  load<std::uint16_t>(at + 6),  load<std::uint64_t>(at + 8),
                load<std::uint64_t>(at + 16), load<std::uint64_t>(at + 24), load<std::uint64_t>(at + 32),
                load<std::uint64_t>(at + 40)};
    }
};

struct Head {
    std::uint32_t page_bytes = 0;
    Tree free, main;
    std::uint64_t last_page = 0, commit = 0;
};

using Page = std::vector<std::uint8_t>;

class File {
  public:
    explicit File(const std::string& path) : path_(path) {
        require_regular(path);
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor_ < 0) fail_on_file("cannot open", path);
        struct stat status {};
        if (::fstat(descriptor_, &status) == 0) bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// False: the file ends before.
    [[nodiscard]] bool read(std::uint64_t offset, std::uint8_t* out, std::size_t size) const {
        while (size > 0) {
            const ssize_t count = ::pread(descriptor_, out, size, static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail_on_file("cannot read", path_);
            if (count == 0) return false;
            out += count;
            offset += static_cast<std::uint64_t>(count);
            size -= static_cast<std::size_t>(count);
        }
        return true;
    }

  private:
    std::string path_;
    int descriptor_ = -1;
    std::uint64_t bytes_ = 0;
};

/// The head in page `number` of a file with pages of `page_bytes`; nullopt when there is none.
std::optional<Head> read_head(const File& file, std::uint64_t number, std::uint32_t page_bytes) {
    std::uint8_t bytes[page_head + meta_size];
    if (!file.read(number * page_bytes, bytes, sizeof bytes)) return std::nullopt;
    const std::uint8_t* const meta = bytes + page_head;
    if ((load<std::uint16_t>(bytes + 10) & page_meta) == 0 || load<std::uint32_t>(meta) != meta_magic ||
        load<std::uint32_t>(meta + 4) != meta_version)
        return std::nullopt;
    Head head;
    head.page_bytes = load<std::uint32_t>(meta + 24); // the pad of the free list's tree
    head.free = Tree::read(meta + 24);
    head.main = Tree::read(meta + 24 + tree_size);
    head.last_page = load<std::uint64_t>(meta + 24 + 2 * tree_size);
    head.commit = load<std::uint64_t>(meta + 32 + 2 * tree_size);
    if (head.page_bytes < 512 || head.page_bytes > 65536 || (head.page_bytes & (head.page_bytes - 1)) != 0)
        return std::nullopt;
    return head;
}

Head choose_head(const File& file, std::uint64_t commit) {
    const std::optional<Head> first = read_head(file, 0, 0);
    const std::optional<Head> second = first ? read_head(file, 1, first->page_bytes) : std::nullopt;
    if (!first || !second)
        throw sdk::Failure(RVM_E_CONFIG, file.path() +
                                             " is not a file of LMDB 0.9 for this kind of machine, or its head "
                                             "is damaged");
    if (commit != 0) {
        for (const Head& head : {*first, *second})
            if (head.commit == commit) return head;
        throw sdk::Failure(RVM_E_IO, file.path() + " is damaged: no head of commit " + std::to_string(commit));
    }
    return second->commit > first->commit ? *second : *first; // as mdb_env_pick_meta
}

class Checker {
  public:
    Checker(const File& file, const Head& head, PageDepth depth)
        : file_(file), head_(head), depth_(depth), seen_(static_cast<std::size_t>(pages_possible())) {}

    PageCounts run() {
        counts_.commit = head_.commit;
        mark(0, 1);
        mark(1, 1);
        walk(head_.main, Role::names);
        if (depth_ == PageDepth::all) walk(head_.free, Role::free_list);
        return counts_;
    }

  private:
    enum class Role : std::uint8_t { names, keyspace, free_list };
    struct Found {
        std::uint64_t branch_pages = 0, leaf_pages = 0, overflow_pages = 0, entries = 0;
    };
    /// Keys below a branch entry: at least `first`, less than `end`.
    struct Range {
        std::optional<std::string> first, end;
    };

    [[noreturn]] void damaged(std::uint64_t page, const std::string& what) const {
        throw sdk::Failure(RVM_E_IO, file_.path() + " is damaged: page " + std::to_string(page) + ": " + what);
    }

    /// Pages that fit both the file and what its head says: a head that lies must not cost memory.
    [[nodiscard]] std::uint64_t pages_possible() const noexcept {
        const std::uint64_t of_file = file_.bytes() / head_.page_bytes;
        return head_.last_page < of_file ? head_.last_page + 1 : of_file;
    }

    void mark(std::uint64_t page, std::uint64_t count) {
        if (page >= seen_.size() || count > seen_.size() - page)
            damaged(page, "it lies behind the end of the file or of the pages in use");
        for (std::uint64_t i = page; i < page + count; ++i) {
            if (seen_[i]) damaged(i, "it has two uses");
            seen_[i] = true;
        }
    }

    [[nodiscard]] Page read(std::uint64_t number) const {
        Page page(head_.page_bytes);
        if (!file_.read(number * head_.page_bytes, page.data(), page.size()))
            damaged(number, "the file ends before it");
        if (load<std::uint64_t>(page.data()) != number) damaged(number, "it carries another number");
        return page;
    }

    void walk(const Tree& tree, Role role) {
        if (tree.root == no_page) {
            if (tree.entries != 0) damaged(no_page, "a tree has entries and no root");
            return;
        }
        // The free list's tree lends its flags' upper bits to the environment.
        if (role == Role::free_list ? (tree.flags & tree_kinds) != tree_integer_keys : tree.flags != 0)
            damaged(tree.root, "its tree is of a kind that a store does not have");
        if (tree.depth == 0 || tree.depth > most_levels) damaged(tree.root, "its tree has an impossible depth");
        Found found;
        descend(tree, role, tree.root, 1, {}, found);
        if (found.branch_pages != tree.branch_pages || found.leaf_pages != tree.leaf_pages ||
            found.overflow_pages != tree.overflow_pages || found.entries != tree.entries)
            damaged(tree.root, "its tree has other numbers of pages or entries than it says");
    }

    void descend(const Tree& tree, Role role, std::uint64_t number, unsigned level, const Range& range, Found& found) {
        mark(number, 1);
        ++counts_.used;
        const Page page = read(number);
        const bool leaf = level == tree.depth;
        if ((load<std::uint16_t>(page.data() + 10) & page_kinds) != (leaf ? page_leaf : page_branch))
            damaged(number, leaf ? "it should be a leaf" : "it should be a branch");
        ++(leaf ? found.leaf_pages : found.branch_pages);
        const std::size_t lower = load<std::uint16_t>(page.data() + 12);
        const std::size_t upper = load<std::uint16_t>(page.data() + 14);
        if (lower < page_head || lower > upper || upper > page.size() || lower % 2 != 0)
            damaged(number, "its bounds are impossible");
        const std::size_t count = (lower - page_head) / 2;
        if (count < (leaf ? 1u : 2u)) damaged(number, "it is too empty");

        std::vector<std::size_t> nodes(count);
        for (std::size_t i = 0; i < count; ++i) {
            nodes[i] = load<std::uint16_t>(page.data() + page_head + 2 * i);
            if (nodes[i] < upper || nodes[i] + node_head > page.size() ||
                nodes[i] + node_head + key_size(page, nodes[i]) > page.size())
                damaged(number, "an entry lies outside");
        }
        const std::size_t first_key = leaf ? 0 : 1; // a branch does not need the key of its first child
        for (std::size_t i = first_key; i < count; ++i) {
            const std::string_view key = key_of(page, nodes[i]);
            if (role == Role::free_list && key.size() != sizeof(std::uint64_t)) damaged(number, "a key is no number");
            if ((i > first_key && !before(role, key_of(page, nodes[i - 1]), key)) ||
                (range.first && before(role, key, *range.first)) || (range.end && !before(role, key, *range.end)))
                damaged(number, "its keys are out of order");
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (leaf) {
                ++found.entries;
                judge_entry(role, number, page, nodes[i], found);
                continue;
            }
            Range below;
            below.first = i == 0 ? range.first : std::optional(std::string(key_of(page, nodes[i])));
            below.end = i + 1 == count ? range.end : std::optional(std::string(key_of(page, nodes[i + 1])));
            descend(tree, role, child_of(page, nodes[i]), level + 1, below, found);
        }
    }

    void judge_entry(Role role, std::uint64_t number, const Page& page, std::size_t node, Found& found) {
        const auto flags = load<std::uint16_t>(page.data() + node + 4);
        const std::size_t data = node + node_head + key_size(page, node);
        const std::uint64_t size = load<std::uint16_t>(page.data() + node) |
                                   (std::uint64_t{load<std::uint16_t>(page.data() + node + 2)} << 16);
        const std::uint64_t here = (flags & node_big) != 0 ? sizeof(std::uint64_t) : size;
        if (data + here > page.size()) damaged(number, "a value lies outside");
        if ((flags & node_duplicates) != 0) damaged(number, "an entry is of a kind that a store does not have");
        Page value(page.begin() + static_cast<std::ptrdiff_t>(data),
                   page.begin() + static_cast<std::ptrdiff_t>(data + here));
        if ((flags & node_big) != 0) value = read_overflow(load<std::uint64_t>(value.data()), size, found, role);
        if (role == Role::free_list) take_free_pages(number, value);
        if ((flags & node_tree) == 0) return;
        if (role != Role::names || value.size() != tree_size) damaged(number, "a tree stands where none may");
        if (depth_ == PageDepth::all || key_of(page, node) == "rvm" || key_of(page, node) == "keyspace 03")
            walk(Tree::read(value.data()), Role::keyspace);
    }

    /// Of the contents, only those of the free list are wanted.
    Page read_overflow(std::uint64_t first, std::uint64_t size, Found& found, Role role) {
        if (first >= seen_.size()) damaged(first, "it lies behind the end of the file or of the pages in use");
        const Page head = read(first);
        const std::uint64_t count = load<std::uint32_t>(head.data() + 12);
        if ((load<std::uint16_t>(head.data() + 10) & page_kinds) != page_overflow ||
            count < (page_head - 1 + size) / head_.page_bytes + 1) // a shorter value may have replaced a longer one
            damaged(first, "it should begin a value of " + std::to_string(size) + " bytes");
        mark(first, count);
        counts_.used += count;
        found.overflow_pages += count;
        if (role != Role::free_list) return {};
        Page value(static_cast<std::size_t>(size));
        if (!file_.read(first * head_.page_bytes + page_head, value.data(), value.size()))
            damaged(first, "the file ends before it");
        return value;
    }

    /// An entry of the free list: how many, then that many page numbers, descending. A page that was given back before
    /// it was ever written may lie behind the end of the file.
    void take_free_pages(std::uint64_t number, const Page& list) {
        const std::uint64_t count = list.size() < 8 ? 0 : load<std::uint64_t>(list.data());
        if (list.size() < 8 || count > list.size() / 8 - 1) damaged(number, "a list of free pages is cut short");
        for (std::uint64_t i = 1; i <= count; ++i) {
            const auto page = load<std::uint64_t>(list.data() + 8 * i);
            if (page > head_.last_page) damaged(number, "it frees a page that was never used");
            if (page < seen_.size()) mark(page, 1);
            ++counts_.free;
        }
    }

    static std::size_t key_size(const Page& page, std::size_t node) noexcept {
        return load<std::uint16_t>(page.data() + node + 6);
    }
    static std::string_view key_of(const Page& page, std::size_t node) noexcept {
        return {reinterpret_cast<const char*>(page.data()) + node + node_head, key_size(page, node)};
    }
    static std::uint64_t child_of(const Page& page, std::size_t node) noexcept {
        return load<std::uint16_t>(page.data() + node) |
               (std::uint64_t{load<std::uint16_t>(page.data() + node + 2)} << 16) |
               (std::uint64_t{load<std::uint16_t>(page.data() + node + 4)} << 32);
    }
    /// Whether key a comes before key b. string_view compares unsigned bytes.
    static bool before(Role role, std::string_view a, std::string_view b) noexcept {
        if (role != Role::free_list) return a < b;
        return load<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(a.data())) <
               load<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(b.data()));
    }

    const File& file_;
    const Head& head_;
    PageDepth depth_;
    std::vector<bool> seen_;
    PageCounts counts_;
};

} // namespace

PageCounts check_pages(const std::string& path, PageDepth depth, std::uint64_t commit) {
    const File file(path);
    const Head head = choose_head(file, commit);
    // A file that is shorter than its head says is whole only if nothing in use lies behind its end.
    if (file.bytes() / head.page_bytes <= head.last_page) depth = PageDepth::all;
    return Checker(file, head, depth).run();
}

} // namespace rvm::lmdb
