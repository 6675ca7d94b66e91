#include "profile/flamegraph.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace rvm::host::profiling {

namespace {

constexpr double width = 1200, row = 18, head = 36, margin = 10;
constexpr double narrowest = 1.2;       // pixels: a thousandth
constexpr double letter = 6.6;          // of 11 px monospace
constexpr std::size_t fewest_letters = 3; // of a name that is worth showing

/// Magnifies the box that was clicked: all others are placed in proportion, those outside it disappear.
constexpr std::string_view script = R"(
var boxes = document.querySelectorAll('g[data-x]'), W = 1200, L = 6.6;
function zoom(x, w) {
  boxes.forEach(function (g) {
    var gx = +g.dataset.x, gw = +g.dataset.w, a = Math.max(gx, x), b = Math.min(gx + gw, x + w);
    var shown = b - a > w / 1e6;
    g.style.display = shown ? '' : 'none';
    if (!shown) return;
    var r = g.querySelector('rect'), t = g.querySelector('text'), px = (a - x) / w * W, pw = (b - a) / w * W;
    r.setAttribute('x', px); r.setAttribute('width', Math.max(pw - 0.5, 0.1));
    t.setAttribute('x', px + 3);
    var n = Math.floor((pw - 6) / L), s = g.dataset.n;
    t.textContent = n < 3 ? '' : s.length <= n ? s : s.slice(0, n - 1) + '\u2026';
  });
}
boxes.forEach(function (g) { g.addEventListener('click', function () { zoom(+g.dataset.x, +g.dataset.w); }); });
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += byte < 0x20 || byte >= 0x7f ? '?' : c;
        }
    }
    return out;
}

/// A warm colour that is a name's own in every graph.
std::string colour(std::string_view name) {
    const auto digest = sha256(as_bytes(name));
    return fmt::format("rgb({},{},{})", 205 + digest[0] % 50, 90 + digest[1] % 110, 60 + digest[2] % 40);
}

class Painter {
  public:
    explicit Painter(Measure measure) : measure_(measure) {}

    [[nodiscard]] double amount(const Node& node) const {
        return static_cast<double>(measure_ == Measure::gas ? node.total.gas : node.total.nanoseconds);
    }

    void paint(const Node& node, double x, double w, std::size_t level) {
        levels_ = std::max(levels_, level + 1);
        const std::string name = escaped(node.name);
        const auto letters = static_cast<std::size_t>(std::max((w - 6) / letter, 0.0));
        const std::string label = letters < fewest_letters      ? std::string()
                                  : node.name.size() <= letters ? name
                                                                : escaped(node.name.substr(0, letters - 1)) + "…";
        const double y = head + row * static_cast<double>(level);
        body_ += fmt::format(
            "<g data-x=\"{:.3f}\" data-w=\"{:.3f}\" data-n=\"{}\"><title>{}: {} gas, {:.1f} us, {} times"
            "</title><rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{:.0f}\" fill=\"{}\"/>"
            "<text x=\"{:.2f}\" y=\"{:.0f}\">{}</text></g>\n",
            x, w, name, name, node.total.gas, static_cast<double>(node.total.nanoseconds) / 1000, node.total.count, x,
            y, std::max(w - 0.5, 0.1), row - 1, colour(node.name), x + 3, y + 13, label);
        const double all = amount(node);
        double at = x;
        for (const Node& child : node.children) {
            const double part = all > 0 ? w * amount(child) / all : 0;
            if (part >= narrowest) paint(child, at, part, level + 1);
            at += part;
        }
    }

    [[nodiscard]] std::string document(const std::string& title) const {
        const double height = head + row * static_cast<double>(levels_) + margin;
        return fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
            "height=\"{1:.0f}\">\n<style>text{{font:11px monospace;pointer-events:none}}"
            "g[data-x]{{cursor:pointer}} g[data-x]:hover rect{{stroke:#000}}</style>\n"
            "<rect width=\"100%\" height=\"100%\" fill=\"#fffdf8\"/>\n"
            "<text x=\"{2:.0f}\" y=\"22\" style=\"font-size:14px\">{3}</text>\n{4}"
            "<script><![CDATA[{5}]]></script>\n</svg>\n",
            width, height, margin, escaped(title), body_, script);
    }

  private:
    Measure measure_;
    std::string body_;
    std::size_t levels_ = 0;
};

} // namespace

std::string flamegraph_svg(const Node& root, Measure measure, const std::string& title) {
    Painter painter(measure);
    painter.paint(root, 0, width, 0);
    return painter.document(title);
}

} // namespace rvm::host::profiling
