// The tracer frame-counter: how many frames ran, as its text.
#include "frame_counter.hpp"

#include <memory>
#include <string>

#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

struct Count {
    std::uint64_t frames = 0;
    std::string text;
};

class FrameCounter {
  public:
    explicit FrameCounter(sdk::Host) {
        tracer_.struct_size = sizeof tracer_;
        tracer_.interest = RVM_TRACE_FRAME;
        tracer_.id = "frame-counter";
        tracer_.summary = "counts frames";
        tracer_.self = this;
        tracer_.begin = [](void*, const char*, std::uint64_t, void** cookie) noexcept -> rvm_status {
            *cookie = new (std::nothrow) Count;
            return *cookie == nullptr ? RVM_E_NO_MEMORY : RVM_OK;
        };
        tracer_.end = [](void*, void* cookie, const rvm_result*) noexcept { delete static_cast<Count*>(cookie); };
        tracer_.enter = [](void*, void* cookie, std::uint64_t, const rvm_message*, const char*) noexcept {
            ++static_cast<Count*>(cookie)->frames;
        };
        tracer_.text = [](void*, void* cookie, rvm_view* out) noexcept -> rvm_status {
            return sdk::guard(nullptr, [&] {
                Count& count = *static_cast<Count*>(cookie);
                count.text = std::to_string(count.frames);
                *out = sdk::view(count.text);
            });
        };
        items_.add(tracer_);
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm_tracer tracer_{};
    sdk::Contributions items_;
};

constexpr const char* provides[] = {RVM_KIND_TRACER ":frame-counter", nullptr};
constexpr rvm_descriptor descriptor = sdk::describe({.id = "org.rvm.test.frame-counter",
                                                     .version = "0.1.0",
                                                     .name = "Frame counter",
                                                     .vendor = "rvm",
                                                     .license = "MIT",
                                                     .description = "Counts frames",
                                                     .provides = provides});

} // namespace

constinit const rvm_entry rvm::differential::frame_counter_entry =
    RVM_ENTRY_INIT(&descriptor, &sdk::detail::Instance<FrameCounter>::create);
