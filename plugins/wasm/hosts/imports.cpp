#include "hosts/imports.hpp"

#include "hosts/rvm_module.hpp"
#include "hosts/vm_hooks.hpp"
#include "hosts/wasi/functions.hpp"
#include "module/type_section.hpp"

namespace rvm::wasm::hosts {
namespace {

constexpr std::string_view create_prefix = "create.";

[[noreturn]] void refuse(const Import& import, const std::string& why) {
    throw ModuleError(ModuleError::Kind::link, 0,
                      "import " + std::string(import.module) + "." + std::string(import.name) + ": " + why);
}

TypeId signature_id(TypeSpace& space, std::string_view signature) {
    std::vector<ValueType> types[2];
    bool results = false;
    for (const char letter : signature) {
        if (letter == '.') {
            results = true;
        } else {
            types[results ? 1 : 0].push_back(letter == 'i' ? i32 : i64);
        }
    }
    return function_type_id(space, types[0], types[1]);
}
std::string signature_text(std::string_view signature) {
    const std::size_t dot = signature.find('.');
    const auto list = [](std::string_view letters) {
        std::string out = "(";
        for (const char letter : letters)
            out += std::string(out.size() > 1 ? " " : "") + (letter == 'i' ? "i32" : "i64");
        return out + ")";
    };
    return list(signature.substr(0, dot)) + " -> " + list(signature.substr(dot + 1));
}

} // namespace

Imports::Imports(const Module& module, const Grants& grants) {
    for (const Import& import : module.imports) {
        if (import.kind != ExternKind::function) {
            refuse(import, "nothing provides it; only functions can be imported");
        }
        add(module, import, grants);
    }
}

void Imports::add(const Module& module, const Import& import, const Grants& grants) {
    const bool of_wasi = import.module == "wasi_snapshot_preview1";
    const bool of_rvm = import.module == "rvm";
    if (!of_wasi && !of_rvm && import.module != "vm_hooks") {
        refuse(import, "nothing provides it; there are the modules rvm, vm_hooks and wasi_snapshot_preview1");
    }
    if (of_wasi && !grants.wasi) refuse(import, "the deployment does not grant WASI");
    if (!of_wasi && grants.host == nullptr) refuse(import, "there is no world here; deploy the program: rvm run FILE");
    uses_wasi_ = uses_wasi_ || of_wasi;
    const bool of_cache = import.name == "storage_cache_bytes32" || import.name == "storage_flush_cache";
    caches_slots_ = caches_slots_ || (!of_wasi && !of_rvm && of_cache);
    const std::span<const Function> known = of_wasi  ? wasi::functions()
                                            : of_rvm ? rvm_functions()
                                                     : vm_hooks_functions();
    const Function* found = nullptr;
    for (const Function& function : known) {
        if (import.name != function.name) continue;
        const bool fits =
            signature_id(*module.type_space, function.signature) == module.type_ids[module.functions[import.index]];
        if (found == nullptr || fits) found = &function; // a name may stand there with two types
    }
    if (found != nullptr) return add_function(module, import, found->signature, {found->run, found->data});
    if (!of_rvm) refuse(import, "the module has no function of this name");
    if (import.name == "create" || import.name.substr(0, create_prefix.size()) == create_prefix) {
        return add_creation(module, import);
    }
    add_item(module, import, *grants.host);
}

void Imports::add_creation(const Module& module, const Import& import) {
    std::uint64_t format = 0; // the creator's
    if (import.name != "create") {
        formats_.push_back(std::make_unique<std::string>(import.name.substr(create_prefix.size())));
        format = reinterpret_cast<std::uint64_t>(formats_.back()->c_str());
    }
    add_function(module, import, create_signature, {create, format});
}

void Imports::add_item(const Module& module, const Import& import, const HostTables& host) {
    const std::string id(import.name);
    auto item = std::make_unique<GrantedItem>();
    const rvm_status found =
        host.items == nullptr ? RVM_E_NOT_FOUND : host.items->syscall(host.ctx, id.c_str(), &item->syscall);
    if (found == RVM_E_UNSUPPORTED) refuse(import, "the deployment does not grant this syscall");
    const auto data = reinterpret_cast<std::uint64_t>(item.get());
    if (found == RVM_OK) {
        add_function(module, import, item_signature, {call_syscall, data});
    } else if (host.items != nullptr && host.items->crypto(host.ctx, id.c_str(), &item->crypto) == RVM_OK) {
        add_function(module, import, item_signature, {call_crypto, data});
    } else {
        refuse(import, "no function, syscall or primitive of this name");
    }
    items_.push_back(std::move(item));
}

void Imports::add_function(const Module& module, const Import& import, const char* signature, HostCall call) {
    const TypeId wanted = module.type_ids[module.functions[import.index]];
    if (wanted != signature_id(*module.type_space, signature)) {
        refuse(import, "expected the type " + signature_text(signature) + ", found " +
                           module.type_text(module.functions[import.index]));
    }
    calls_.push_back(std::make_unique<HostCall>(call));
    functions_.push_back({nullptr, wanted, nullptr, reinterpret_cast<std::uint64_t>(calls_.back().get())});
}

std::optional<Extern> Imports::resolve(const Import& import) const {
    Extern found;
    found.kind = ExternKind::function;
    found.function = &functions_[import.index];
    return found;
}

} // namespace rvm::wasm::hosts
