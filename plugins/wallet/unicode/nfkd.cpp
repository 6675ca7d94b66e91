#include "unicode/nfkd.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "base/embedded.hpp"
#include "base/error.hpp"

RVM_WALLET_EMBED(rvm_wallet_nfkd, "unicode/nfkd.table");

namespace rvm::wallet {
namespace {

using Point = std::uint32_t;

struct Decomposition {
    Point point;
    std::uint32_t offset; ///< into Tables::parts
    std::uint32_t size;
};
struct ClassRange {
    Point first, last;
    std::uint8_t value;
};
struct Tables {
    std::vector<Decomposition> decompositions; ///< ascending
    std::vector<Point> parts;
    std::vector<ClassRange> classes; ///< ascending
};

/// "A8=20+308 ... . 300-314=230 ...": hex but for the class, which is decimal.
class TableReader {
  public:
    TableReader(const char* begin, const char* end) : at_(begin), end_(end) {}
    [[nodiscard]] bool section_ends() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n')) {
            ++at_;
        }
        if (at_ == end_) return true;
        if (*at_ != '.') return false;
        ++at_;
        return true;
    }
    [[nodiscard]] Point number(Point base) {
        Point value = 0;
        for (; at_ != end_; ++at_) {
            const char c = *at_;
            if (c >= '0' && c <= '9')
                value = value * base + static_cast<Point>(c - '0');
            else if (c >= 'A' && c <= 'F')
                value = value * base + static_cast<Point>(c - 'A') + 10;
            else
                break;
        }
        return value;
    }
    [[nodiscard]] bool skip(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

  private:
    const char* at_;
    const char* end_;
};

Tables read_tables() {
    Tables out;
    TableReader reader(rvm_wallet_nfkd_begin, rvm_wallet_nfkd_end);
    const auto demand = [](bool claim) {
        if (!claim) throw std::logic_error("the table of decompositions is damaged");
    };
    while (!reader.section_ends()) {
        const Point point = reader.number(16);
        const auto offset = static_cast<std::uint32_t>(out.parts.size());
        demand(reader.skip('='));
        do {
            out.parts.push_back(reader.number(16));
        } while (reader.skip('+'));
        out.decompositions.push_back({point, offset, static_cast<std::uint32_t>(out.parts.size()) - offset});
    }
    while (!reader.section_ends()) {
        const Point first = reader.number(16);
        demand(reader.skip('-'));
        const Point last = reader.number(16);
        demand(reader.skip('='));
        out.classes.push_back({first, last, static_cast<std::uint8_t>(reader.number(10))});
    }
    return out;
}

const Tables& tables() {
    static const Tables read = read_tables();
    return read;
}

std::uint8_t combining_class(Point point) {
    const auto& classes = tables().classes;
    const auto found = std::ranges::lower_bound(classes, point, {}, &ClassRange::last);
    return found != classes.end() && found->first <= point ? found->value : 0;
}

[[noreturn]] void refuse(std::size_t at) { throw Refusal("the text is not UTF-8 (byte " + std::to_string(at) + ")"); }

/// The next code point; `at` moves past it.
Point decode(Bytes text, std::size_t& at) {
    const std::size_t start = at;
    const Point first = text[at++];
    if (first < 0x80) return first;
    const unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    constexpr Point least[] = {0, 0x80, 0x800, 0x10000};
    if (first < 0xc2 || first > 0xf4 || text.size() - at < more) refuse(start);
    Point point = first & (0x3fu >> more);
    for (unsigned i = 0; i < more; ++i) {
        const Point next = text[at++];
        if ((next & 0xc0u) != 0x80) refuse(start);
        point = point << 6u | (next & 0x3fu);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) refuse(start);
    return point;
}

std::size_t encode(Point point, std::uint8_t* out) {
    const auto byte = [](Point value) { return static_cast<std::uint8_t>(value); };
    if (point < 0x80) {
        out[0] = byte(point);
        return 1;
    }
    const unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr Point marks[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = byte(marks[more] | point >> (6 * more));
    for (unsigned i = 1; i <= more; ++i) {
        out[i] = byte(0x80u | (point >> (6 * (more - i)) & 0x3fu));
    }
    return more + 1;
}

/// Calls `use` with each code point of the full decomposition.
template <class Use>
void decompose(Point point, Use use) {
    // Hangul syllables by their formula (The Unicode Standard, section 3.12).
    constexpr Point syllables = 0xac00;
    constexpr Point vowels = 21;
    constexpr Point trails = 28;
    if (point >= syllables && point < syllables + 19 * vowels * trails) {
        const Point index = point - syllables;
        use(0x1100 + index / (vowels * trails));
        use(0x1161 + index % (vowels * trails) / trails);
        if (index % trails != 0) use(0x11a7 + index % trails);
        return;
    }
    const Tables& all = tables();
    const auto found = std::ranges::lower_bound(all.decompositions, point, {}, &Decomposition::point);
    if (found == all.decompositions.end() || found->point != point) return use(point);
    for (std::uint32_t i = 0; i < found->size; ++i) {
        use(all.parts[found->offset + i]);
    }
}

void cut(Secret& bytes, std::size_t size) noexcept { bytes.truncate(size); }
void cut(std::string& bytes, std::size_t size) { bytes.resize(size); }

/// The normal form in a Buffer(size), which is a Secret or a string of zeros.
template <class Buffer, class Make>
Buffer normal_form(Bytes text, Make make) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        decompose(decode(text, at), [&](Point) { ++count; });
    }
    Buffer storage = make(count * sizeof(Point)); // the text as code points is as secret as the text
    const auto set = [&](std::size_t i, Point point) {
        std::memcpy(storage.data() + i * sizeof point, &point, sizeof point);
    };
    const auto get = [&](std::size_t i) {
        Point point = 0;
        std::memcpy(&point, storage.data() + i * sizeof point, sizeof point);
        return point;
    };
    std::size_t filled = 0;
    for (std::size_t at = 0; at < text.size();) {
        decompose(decode(text, at), [&](Point point) {
            // Canonical order: a mark moves before those of a higher class (annex 15, section 1.3).
            const std::uint8_t own = combining_class(point);
            std::size_t place = filled++;
            while (own != 0 && place > 0 && combining_class(get(place - 1)) > own) {
                set(place, get(place - 1));
                --place;
            }
            set(place, point);
        });
    }
    Buffer out = make(4 * count);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
        size += encode(get(i), reinterpret_cast<std::uint8_t*>(out.data()) + size);
    }
    cut(out, size);
    return out;
}

} // namespace

Secret nfkd(Bytes text) {
    constexpr std::size_t most_bytes = 4096; // ordering a run of marks is quadratic
    if (text.size() > most_bytes) {
        throw Refusal("the text is too long: expected at most 4096 bytes, found " + std::to_string(text.size()));
    }
    return normal_form<Secret>(text, [](std::size_t size) { return Secret(size); });
}

std::string nfkd_public(std::string_view text) {
    return normal_form<std::string>(bytes_of(text), [](std::size_t size) { return std::string(size, '\0'); });
}

} // namespace rvm::wallet
