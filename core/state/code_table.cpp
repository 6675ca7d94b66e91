#include "state/code_table.hpp"

#include "state/limbs.hpp"
#include "state/store_format.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::state {

namespace {

std::uint32_t count_rules(const rvm_format* format) noexcept {
    std::uint32_t count = 0;
    if (format != nullptr && format->rules != nullptr)
        while (format->rules[count] != nullptr)
            ++count;
    return count;
}

} // namespace

CodeObject::CodeObject(const CodeFormat& format, const rvm_bytes32& hash, rvm_view bytes, std::uint32_t periods)
    : format_(format), hash_(hash), bytes_(bytes.size + RVM_CODE_ZEROS),
      artifact_count_(periods * format.rules_count * tier_count),
      artifacts_(std::make_unique<ArtifactSlot[]>(artifact_count_)) {
    std::copy(bytes.data, bytes.data + bytes.size, bytes_.begin());
    const rvm_format* const f = format.format;
    if (f != nullptr && f->delegate_of != nullptr) delegates_ = f->delegate_of(f->self, this->bytes(), &delegate_) != 0;
}

CodeObject::~CodeObject() {
    for (std::uint32_t i = 0; i < artifact_count_; ++i)
        if (rvm_artifact* const artifact = artifacts_[i].artifact.load(std::memory_order_acquire); artifact != nullptr)
            format_.format->release(format_.format->self, artifact);
}

bool CodeTable::Key::operator==(const Key& other) const noexcept {
    return format == other.format && equal(hash, other.hash);
}

std::size_t CodeTable::KeyHash::operator()(const Key& key) const noexcept {
    static const KeyedHash hash; // a code hash need not be one: a deployer can name it (set_code, pre-states)
    rvm_u256 number;
    std::memcpy(&number, key.hash.bytes, sizeof number);
    return static_cast<std::size_t>(hash(number));
}

const CodeFormat* CodeTable::intern(std::string_view id) {
    if (!valid_format_id(id)) return nullptr;
    const std::lock_guard lock(formats_mutex_);
    for (const auto& known : formats_) // a deployment has a handful
        if (known->id == id) return known.get();
    auto format = std::make_unique<CodeFormat>();
    format->id = id;
    if (resolver_ != nullptr) format->format = resolver_(ctx_, format->id.c_str());
    format->rules_count = count_rules(format->format);
    return formats_.emplace_back(std::move(format)).get();
}

const CodeObject* CodeTable::find(const CodeFormat& format, const rvm_bytes32& hash) const {
    const Key key{&format, hash};
    const Shard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.objects.find(key);
    return found == home.objects.end() ? nullptr : found->second.get();
}

rvm_status CodeTable::insert(const CodeFormat& format, const rvm_bytes32& hash, rvm_view bytes,
                             const CodeObject** out) {
    const Key key{&format, hash};
    const CodeObject* object = find(format, hash);
    if (object == nullptr) {
        // Outside the lock: it calls the format.
        auto fresh = std::make_unique<CodeObject>(format, hash, bytes, periods_);
        Shard& home = shard(key);
        const std::lock_guard lock(home.mutex);
        object = home.objects.try_emplace(key, std::move(fresh)).first->second.get();
    }
    const rvm_view known = object->bytes();
    if (!std::equal(known.data, known.data + known.size, bytes.data, bytes.data + bytes.size)) return RVM_E_IO;
    *out = object;
    return RVM_OK;
}

} // namespace rvm::state
