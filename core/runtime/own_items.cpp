#include "runtime/own_items.hpp"

#include "runtime/runtime_impl.hpp"

namespace rvm::runtime {
namespace {

template <typename Item>
const char* id_of(const void* item) noexcept {
    return static_cast<const Item*>(item)->id;
}

const rvm_contribution* contributions(void* self) { return static_cast<const rvm_contribution*>(self); }
void destroy(void*) {} // the embedder's

rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    *out = Runtime::Impl::from(host->ctx).own->plugin();
    return RVM_OK;
}

} // namespace

const char* item_id(std::string_view kind, const void* item) noexcept {
    if (kind == RVM_KIND_OPCODE) return id_of<rvm_opcode>(item);
    if (kind == RVM_KIND_SYSCALL) return id_of<rvm_syscall>(item);
    if (kind == RVM_KIND_CRYPTO) return id_of<rvm_crypto>(item);
    if (kind == RVM_KIND_PROGRAM) return id_of<rvm_program>(item);
    if (kind == RVM_KIND_FORMAT) return id_of<rvm_format>(item);
    if (kind == RVM_KIND_STORAGE) return id_of<rvm_storage>(item);
    if (kind == RVM_KIND_TRACER) return id_of<rvm_tracer>(item);
    if (kind == RVM_KIND_SERVICE) return id_of<rvm_service>(item);
    if (kind == RVM_KIND_INTERFACE) return id_of<rvm_interface>(item);
    return nullptr; // a command is a verb of the rvm program: nothing an embedder has
}

OwnItems::OwnItems(std::string id, const rvm_contribution* items, Report& report) : id_(std::move(id)) {
    for (const rvm_contribution* item = items; item->kind != nullptr; ++item) {
        const char* name = item->item == nullptr ? nullptr : item_id(item->kind, item->item);
        if (name == nullptr) {
            Finding& finding = report.error(ErrorCode::contribution_invalid, "(own items)", item->kind,
                                            "an item of the embedder has no id, or is of a kind it cannot contribute");
            finding.plugin = id_;
            continue;
        }
        provided_.push_back(std::string(item->kind) + ":" + name);
    }
    for (const std::string& capability : provided_)
        provides_.push_back(capability.c_str());
    provides_.push_back(nullptr);
    plugin_.struct_size = sizeof plugin_;
    plugin_.self = const_cast<rvm_contribution*>(items); // given back as const
    plugin_.contributions = contributions;
    plugin_.destroy = destroy;
    descriptor_ = {sizeof descriptor_, 0, id_.c_str(), RVM_PRODUCT_VERSION, "Embedder", "embedder", "Apache-2.0",
                   "What the embedding program contributes", nullptr, provides_.data(), nullptr};
    entry_ = RVM_ENTRY_INIT(&descriptor_, create);
}

} // namespace rvm::runtime
