// Compares what an execution does with a recorded stream of events, and answers for the outside from it.
#pragma once

#include <deque>
#include <functional>

#include "record/listener.hpp"
#include "record/step_reader.hpp"
#include "replay/difference.hpp"
#include "replay/divergence.hpp"
#include "replay/effects.hpp"

namespace rvm::replay {

/// The listener of one execution. After the first difference it hears a few events more, then asks for an end.
class Comparison final : public record::Listener {
  public:
    /// Only answers for the outside; nothing is compared. For a run that is recorded anew.
    enum class Mode : std::uint8_t { compare, answer };
    /// `events` must outlive the object. Without `with_steps` none were recorded. `stop` ends the execution soon.
    /// What it changes is noted in `effects`, as of execution `number`.
    Comparison(ByteView events, Mode mode, bool with_steps, Effects& effects, std::size_t number, std::function<void()> stop);

    /// To be called when the execution is over: both sides must be at their end.
    void finish();
    /// The first difference; its plugin is not filled in.
    [[nodiscard]] const std::optional<Divergence>& divergence() const noexcept { return divergence_; }
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
    /// The instruction that ran last in the outermost frame that ran any.
    [[nodiscard]] const std::optional<Place>& last_place() const noexcept { return last_; }

    void enter(std::uint64_t frame, const rvm_message& message, const char* format) override;
    void leave(std::uint64_t frame, const rvm_result& result) override;
    void op(std::uint64_t frame, const rvm_op_event& event) override;
    void fault(std::uint64_t frame, const rvm_op_event& event, rvm_status status) override;
    void state(std::uint64_t frame, const rvm_state_event& event) override;
    void log(std::uint64_t frame, const rvm_log_event& event) override;
    rvm_status syscall(const rvm_syscall& item, rvm_frame* frame, rvm_view input, rvm_span output,
                       std::uint64_t* output_size) override;
    rvm_status opcode(const rvm_opcode& item, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) override;
    std::uint32_t block_hash(const rvm_tx_env& env, std::uint64_t number, rvm_bytes32* out) override;

  private:
    using Kind = record::Event::Kind;
    /// The next recorded event, which must be of this kind; nullptr when it is not, or nothing is compared any more.
    template <class Text>
    [[nodiscard]] record::Event* expect(Kind kind, const Text& own);
    /// The next recorded one; false at the end.
    [[nodiscard]] bool advance();
    [[nodiscard]] record::Event* answer_to(Kind kind, const std::string& own);
    /// The recorded answer of an item, after what it did in `frame` was done again; nullptr when that failed, or as answer_to().
    [[nodiscard]] record::Event* item_answer(rvm_frame* frame, const std::string& own);
    void compare_instruction(const record::Event& recorded, const rvm_op_event& event, bool faults);
    void diverge(std::string what, std::string recorded, std::string replayed, const std::optional<Place>& place);
    void diverge(Difference found, const std::optional<Place>& place) {
        diverge(std::move(found.what), std::move(found.recorded), std::move(found.replayed), place);
    }
    void hear(const std::string& text, std::optional<std::uint64_t> step);
    void keep_line(std::string text);
    void keep_op(const rvm_op_event& event);
    [[nodiscard]] Place place_of(const rvm_op_event& event) const;

    record::StepReader reader_;
    record::Event event_;
    Mode mode_;
    Effects& effects_;
    std::size_t number_;
    std::function<void()> stop_;
    std::optional<Divergence> divergence_;
    /// What both sides did.
    struct Passed {
        std::optional<std::uint64_t> step; ///< of an instruction
        std::string text;                  ///< of another event
        rvm_op_event event{};              ///< instruction; its stack is below
        Bytes stack;                       ///< the topmost words
    };
    /// The one to be filled in for what is told now.
    [[nodiscard]] Passed& next_passed();
    std::deque<Passed> before_;
    struct OpenFrame {
        std::optional<Place> last;        ///< the instruction before this one
        std::optional<rvm_address> code;  ///< as Place::code
    };
    std::vector<OpenFrame> frames_;
    std::optional<Place> last_;
    std::uint64_t steps_ = 0;
    bool steps_ended_ = false;
    bool have_ = false;                         ///< event_ was read and is still to be compared
    bool comparing_ = false;                    ///< event_ is what the present one is compared with
};

} // namespace rvm::replay
