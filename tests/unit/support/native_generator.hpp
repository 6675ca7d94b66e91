// Random valid native programs from a seed: for round trips, and for comparing engines on the same program.
//
//   const Bytes program = generate_program(seed);              // everything the format allows
//   const Bytes program = generate_program(seed, {.hosted = false, .decorated = false}); // runs on a bare frame
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "native/container.hpp"
#include "native/leb128.hpp"
#include "native/opcodes.hpp"
#include "native/verifier.hpp"

namespace rvm::native::test {

/// SplitMix64: the same numbers on every machine.
class Random {
  public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// 0 to n - 1.
    std::uint32_t below(std::uint32_t n) noexcept { return static_cast<std::uint32_t>(next() % n); }
    bool chance(std::uint32_t one_in) noexcept { return below(one_in) == 0; }

  private:
    std::uint64_t state_;
};

struct GeneratorOptions {
    bool hosted = true;    ///< state, nested calls, imports: needs a host
    bool decorated = true; ///< debug lines, custom sections, odd names and exports
    bool tame = false;     ///< operands that mostly do not trap, jumps and calls that mostly go forward
    std::uint32_t max_functions = 4;
    std::uint32_t max_instructions = 60; ///< drawn for one function; adjusting the stack adds more
};

class Generator {
  public:
    Generator(std::uint64_t seed, GeneratorOptions options) : random_(seed), options_(options) {}

    Bytes program() {
        functions_.resize(1 + random_.below(options_.max_functions));
        for (FunctionBody& function : functions_) {
            function.parameters = static_cast<std::uint8_t>(random_.below(4));
            function.results = static_cast<std::uint8_t>(random_.below(3));
        }
        main_ = random_.below(static_cast<std::uint32_t>(functions_.size()));
        functions_[main_].parameters = 0;
        if (options_.hosted) imports();
        std::vector<Bytes> bodies;
        std::vector<std::vector<std::size_t>> starts;
        for (std::uint32_t i = 0; i < functions_.size(); ++i) {
            body_.clear();
            starts_.clear();
            function(i);
            bodies.push_back(body_);
            starts.push_back(starts_);
        }
        Container container;
        container.imports = imports_;
        container.functions = functions_;
        for (std::size_t i = 0; i < bodies.size(); ++i)
            container.functions[i].code = bodies[i];
        container.exports.push_back({"main", main_});
        container.memory_pages = 1 + random_.below(3);
        Bytes first = bytes(40);
        Bytes second = bytes(5);
        container.segments = {{random_.below(16), first}, {100 + random_.below(16), second}};
        Bytes custom = bytes(random_.below(50));
        if (options_.decorated) decorate(container, starts, custom);
        return encode_container(container);
    }

  private:
    Bytes bytes(std::uint32_t size) {
        Bytes out;
        while (out.size() < size)
            out.push_back(static_cast<std::uint8_t>(random_.next()));
        return out;
    }

    void imports() {
        const std::uint32_t count = random_.below(5);
        for (std::uint32_t i = 0; i < count; ++i) {
            Import import;
            import.kind = static_cast<ImportKind>(random_.below(4));
            static constexpr const char* ids[] = {"u256.add", "add", "func", "import2", "org/x-y", "a b", "q\"\\", "é"};
            import.id = ids[random_.below(8)];
            if (import.kind == ImportKind::opcode) {
                import.pops = static_cast<std::uint8_t>(random_.below(4));
                import.pushes = static_cast<std::uint8_t>(random_.below(4));
                import.immediate_size = static_cast<std::uint8_t>(random_.below(9));
            }
            const bool known = std::ranges::any_of(
                imports_, [&](const Import& other) { return other.kind == import.kind && other.id == import.id; });
            if (!known) imports_.push_back(import);
        }
    }

    void decorate(Container& container, const std::vector<std::vector<std::size_t>>& starts, const Bytes& custom) {
        if (random_.chance(2)) container.customs.push_back({"org.example.note", custom});
        if (random_.chance(4)) container.customs.push_back({"", {}});
        if (random_.chance(3)) {
            const std::uint32_t function = random_.below(static_cast<std::uint32_t>(functions_.size()));
            container.exports.insert(container.exports.begin(), {"a.name", function});
        }
        if (random_.chance(8)) container.memory_pages = 0, container.segments.clear();
        if (random_.chance(8)) container.segments.clear();
        if (random_.chance(3)) return;
        Debug& debug = container.debug.emplace();
        debug.file = random_.chance(2) ? "made \"up\".rasm" : "";
        std::size_t position = 0;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            static constexpr const char* names[] = {"init", "push", "data", "f2"};
            debug.names.push_back(i < 4 ? names[i] : "g" + std::to_string(i));
            Bytes size;
            write_unsigned(size, container.functions[i].code.size());
            position += size.size();
            for (const std::size_t start : starts[i])
                if (random_.chance(3))
                    debug.lines.push_back({static_cast<std::uint32_t>(position + start), 1 + random_.below(500)});
            position += container.functions[i].code.size();
        }
    }

    // -- one function

    void start(Op op) {
        starts_.push_back(body_.size());
        body_.push_back(static_cast<std::uint8_t>(op));
    }

    void push(std::uint64_t word) {
        start(Op::push);
        write_signed(body_, static_cast<std::int64_t>(word));
        ++height_;
    }

    void adjust(std::uint32_t height) {
        while (height_ > height) {
            start(Op::drop);
            --height_;
        }
        while (height_ < height)
            push(random_.below(100));
    }

    void function(std::uint32_t index) {
        index_ = index;
        height_ = functions_[index].parameters;
        reachable_ = true;
        heights_.resize(random_.below(6));
        for (std::uint32_t& height : heights_)
            height = random_.below(options_.tame ? 7 : 4);
        std::size_t label = 0;
        placed_ = 0;
        const std::uint32_t count = random_.below(options_.max_instructions);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (label < heights_.size() && (!reachable_ || random_.chance(8))) place(label++);
            if (reachable_) step();
        }
        while (label < heights_.size())
            place(label++);
        if (reachable_ && (index != main_ || random_.chance(2))) adjust(functions_[index].results);
    }

    void place(std::size_t label) {
        if (reachable_) adjust(heights_[label]);
        start(Op::label);
        write_unsigned(body_, heights_[label]);
        height_ = heights_[label];
        reachable_ = true;
        placed_ = static_cast<std::uint32_t>(label) + 1;
    }

    void step() {
        if (options_.tame && random_.chance(3)) return shuffle();
        if (random_.chance(6)) return memory_access();
        if (height_ < 2 || random_.chance(4)) return push(constant());
        auto op = static_cast<Op>(random_.below(256));
        while (options_.tame && !is_opcode(static_cast<std::uint8_t>(op)))
            op = static_cast<Op>(random_.below(256));
        const OpInfo& info = op_info(op);
        if (info.mnemonic.empty() || op == Op::label) return;
        const bool worldly = (info.flags & (OpFlags::reads | OpFlags::writes | OpFlags::nests)) != 0 ||
                             info.immediate == Immediate::import_env;
        if (worldly && !options_.hosted) return;
        if ((info.flags & OpFlags::ends) != 0 && op != Op::jump && op != Op::jumptable && !random_.chance(4)) return;
        if (options_.tame && (op == Op::trap || op == Op::revert) && !random_.chance(8)) return;
        instruction(op, info);
    }

    /// Stack and registers: what a translator to register code must get right.
    void shuffle() {
        static constexpr Op ops[] = {Op::dup, Op::swap, Op::pick, Op::select, Op::get, Op::set, Op::get, Op::drop};
        const Op op = ops[random_.below(8)];
        while (height_ < 3)
            push(constant());
        if (op == Op::get || op == Op::set) // few registers, so that they are written while they are on the stack
            return small(op, op_info(op), random_.below(3), op_info(op).pops, op_info(op).pushes);
        instruction(op, op_info(op));
    }

    /// Operands that keep the instruction from trapping, on top of the stack.
    void tame_operands(Op op, const OpInfo& info) {
        constexpr std::uint8_t beyond = OpFlags::memory | OpFlags::reads | OpFlags::writes | OpFlags::nests;
        if (op == Op::div || op == Op::sdiv || op == Op::mod || op == Op::smod) return push(1 + random_.below(9));
        if ((info.flags & beyond) == 0 && info.immediate != Immediate::import_env) return;
        for (std::uint32_t i = 0; i < info.pops; ++i)
            push(random_.below(op == Op::mgrow ? 3 : op == Op::retcopy && i != 0 ? 2 : 300));
    }

    /// Pushes what a branch may test, as compilers write it: a register, an advanced one, a comparison.
    void condition() {
        const auto reg = static_cast<std::uint8_t>(random_.below(3));
        const auto use = [&](Op op) { small(op, op_info(op), reg, op_info(op).pops, op_info(op).pushes); };
        const auto plain = [&](Op op) {
            start(op);
            height_ = height_ - op_info(op).pops + op_info(op).pushes;
        };
        use(Op::get);
        if (random_.chance(2)) {
            push(random_.chance(3) ? constant() : random_.below(3));
            plain(random_.chance(2) ? Op::add : Op::sub);
            if (random_.chance(3)) plain(Op::dup);
            if (height_ != 0 && random_.chance(2)) {
                use(Op::set);
                use(Op::get);
            }
        }
        if (random_.chance(4)) return;
        static constexpr Op comparisons[] = {Op::eq, Op::ne, Op::lt, Op::gt, Op::slt, Op::sgt, Op::iszero};
        const Op comparison = comparisons[random_.below(7)];
        if (comparison != Op::iszero) {
            if (random_.chance(2))
                push(constant());
            else
                small(Op::get, op_info(Op::get), random_.below(3), 0, 1);
        }
        if (comparison != Op::iszero && random_.chance(4)) plain(Op::swap);
        plain(comparison);
    }

    /// A label to jump to: backward jumps of tame programs are rare, because they seldom end.
    std::uint32_t target() {
        const auto labels = static_cast<std::uint32_t>(heights_.size());
        if (!options_.tame || placed_ >= labels || random_.chance(16)) return random_.below(labels);
        return placed_ + random_.below(labels - placed_);
    }

    std::uint64_t constant() {
        switch (random_.below(4)) {
        case 0:
            return random_.below(300);
        case 1:
            return random_.next();
        case 2:
            return ~std::uint64_t{random_.below(3)};
        default:
            return std::uint64_t{1} << random_.below(64);
        }
    }

    /// Mostly inside memory, so that programs get somewhere.
    void memory_access() {
        static constexpr Op loads[] = {Op::load8, Op::load16, Op::load32, Op::load64};
        static constexpr Op stores[] = {Op::store8, Op::store16, Op::store32, Op::store64};
        const std::uint32_t address = random_.below(random_.chance(options_.tame ? 60 : 10) ? 5000 : 1000);
        const std::uint32_t width = random_.below(4);
        if (options_.tame && random_.chance(3)) { // base and offset
            push(address / 2);
            small(Op::set, op_info(Op::set), 2, 1, 0);
            small(Op::get, op_info(Op::get), 2, 0, 1);
            push(address - address / 2);
            start(Op::add);
            --height_;
            if (random_.chance(2)) return start(loads[width]);
            push(constant());
            start(stores[width]);
            height_ -= 2;
            return;
        }
        if (height_ != 0 && random_.chance(2)) {
            push(address);
            start(Op::swap);
            start(stores[width]);
            height_ -= 2;
        } else {
            push(address);
            start(loads[width]);
        }
    }

    std::int64_t pick_import(ImportKind kind) {
        std::vector<std::int64_t> fitting;
        for (std::size_t i = 0; i < imports_.size(); ++i)
            if (imports_[i].kind == kind) fitting.push_back(static_cast<std::int64_t>(i));
        return fitting.empty() ? -1 : fitting[random_.below(static_cast<std::uint32_t>(fitting.size()))];
    }

    void instruction(Op op, const OpInfo& info) {
        switch (info.immediate) {
        case Immediate::word:
            return push(constant());
        case Immediate::height:
            return;
        case Immediate::label: {
            if (heights_.empty()) return;
            if (options_.tame && placed_ >= heights_.size() && !random_.chance(16)) return;
            const std::uint32_t label = target();
            if (options_.tame && info.pops == 1) {
                adjust(heights_[label]);
                condition();
            }
            adjust(heights_[label] + info.pops);
            start(op);
            write_unsigned(body_, label);
            return finish(info.pops, 0, info);
        }
        case Immediate::table:
            return table(info);
        case Immediate::function: {
            const std::uint32_t callee = random_.below(static_cast<std::uint32_t>(functions_.size()));
            if (callee == main_ || (options_.tame && callee <= index_ && !random_.chance(16))) return;
            while (height_ < functions_[callee].parameters)
                push(random_.below(9));
            start(op);
            write_unsigned(body_, callee);
            return finish(functions_[callee].parameters, functions_[callee].results, info);
        }
        case Immediate::depth:
            return small(op, info, random_.below(std::min(height_, 100U)), 0, 1);
        case Immediate::reg:
            return small(op, info, random_.below(register_count), info.pops, info.pushes);
        case Immediate::width:
            return small(op, info, 8U << random_.below(3), 1, 1);
        case Immediate::topics: {
            const std::uint32_t topics = random_.below(max_topics + 1);
            for (std::uint32_t i = 0; options_.tame && i < 2 + topics; ++i)
                push(random_.below(300));
            while (height_ < 2 + topics)
                push(random_.below(500));
            return small(op, info, topics, 2 + topics, 0);
        }
        case Immediate::import_opcode: {
            const std::int64_t import = pick_import(ImportKind::opcode);
            if (import < 0) return;
            const Import& shape = imports_[static_cast<std::size_t>(import)];
            while (height_ < shape.pops)
                push(random_.below(500));
            start(op);
            write_unsigned(body_, static_cast<std::uint64_t>(import));
            const Bytes immediate = bytes(shape.immediate_size);
            body_.insert(body_.end(), immediate.begin(), immediate.end());
            return finish(shape.pops, shape.pushes, info);
        }
        case Immediate::import_syscall:
            return with_import(op, info, pick_import(ImportKind::syscall));
        case Immediate::import_env:
            return with_import(op, info, pick_import(ImportKind::env));
        case Immediate::import_format:
            return with_import(op, info, pick_import(ImportKind::format) + 1);
        case Immediate::none:
            break;
        }
        if (op == Op::ret) {
            if (index_ != main_) adjust(functions_[index_].results);
            start(op);
            return finish(0, 0, info);
        }
        if (options_.tame) tame_operands(op, info);
        while (height_ < info.pops)
            push(random_.below(500));
        start(op);
        finish(info.pops, info.pushes, info);
    }

    void with_import(Op op, const OpInfo& info, std::int64_t import) {
        if (import < 0) return;
        if (options_.tame) tame_operands(op, info);
        while (height_ < info.pops)
            push(random_.below(500));
        start(op);
        write_unsigned(body_, static_cast<std::uint64_t>(import));
        finish(info.pops, info.pushes, info);
    }

    void small(Op op, const OpInfo& info, std::uint32_t immediate, std::uint32_t pops, std::uint32_t pushes) {
        start(op);
        body_.push_back(static_cast<std::uint8_t>(immediate));
        finish(pops, pushes, info);
    }

    /// Labels of equal height only: a table's targets share one stack.
    void table(const OpInfo& info) {
        if (heights_.empty()) return;
        if (options_.tame && placed_ >= heights_.size() && !random_.chance(16)) return;
        const std::uint32_t first = target();
        const std::uint32_t height = heights_[first];
        std::vector<std::uint32_t> targets;
        for (std::uint32_t i = options_.tame ? first : 0; i < heights_.size(); ++i)
            if (heights_[i] == height) targets.push_back(i);
        adjust(height + 1);
        start(Op::jumptable);
        const std::uint32_t count = random_.below(5);
        write_unsigned(body_, count);
        for (std::uint32_t i = 0; i <= count; ++i)
            write_unsigned(body_, targets[random_.below(static_cast<std::uint32_t>(targets.size()))]);
        finish(1, 0, info);
    }

    void finish(std::uint32_t pops, std::uint32_t pushes, const OpInfo& info) {
        height_ = height_ - pops + pushes;
        if ((info.flags & OpFlags::ends) != 0) reachable_ = false;
    }

    Random random_;
    GeneratorOptions options_;
    std::vector<Import> imports_;
    std::vector<FunctionBody> functions_;
    std::uint32_t main_ = 0;
    Bytes body_;                         ///< of the function being made
    std::vector<std::size_t> starts_;    ///< of its instructions
    std::vector<std::uint32_t> heights_; ///< of its labels
    std::uint32_t placed_ = 0;           ///< labels already in the body
    std::uint32_t index_ = 0;
    std::uint32_t height_ = 0;
    bool reachable_ = true;
};

/// A valid program; the same seed and options give the same bytes.
inline Bytes generate_program(std::uint64_t seed, GeneratorOptions options = {}) {
    return Generator{seed, options}.program();
}

} // namespace rvm::native::test
