#include "state/store_walk.hpp"

#include "state/limbs.hpp"

#include <cstring>

namespace rvm::state {

namespace {

/// A cursor with a record in hand.
struct Position {
    StoreCursor cursor;
    rvm_view key{}, value{};
    bool there = false;

    [[nodiscard]] rvm_status advance() {
        const rvm_status status = cursor.next(&key, &value);
        there = status == RVM_OK;
        return status == RVM_E_NOT_FOUND ? RVM_OK : status;
    }
    [[nodiscard]] rvm_status open(const StoreReader& reader, std::uint32_t keyspace) {
        const rvm_status status = cursor.open(reader, keyspace, {nullptr, 0});
        return status == RVM_OK ? advance() : status;
    }
};

class Walk {
  public:
    Walk(const StoreReader& reader, const StoreVisitor& visitor) : reader_(reader), visitor_(visitor) {}

    rvm_status run() {
        rvm_status status = accounts_.open(reader_, RVM_KEYSPACE_ACCOUNTS);
        if (status == RVM_OK) status = slots_.open(reader_, RVM_KEYSPACE_SLOTS);
        while (status == RVM_OK && accounts_.there) {
            status = one_account();
            if (status == RVM_OK) status = accounts_.advance();
        }
        while (status == RVM_OK && slots_.there) {
            status = damaged(RVM_KEYSPACE_SLOTS, slots_.key, "the slot belongs to no account");
            if (status == RVM_OK) status = slots_.advance();
        }
        return status;
    }

  private:
    static constexpr std::size_t slot_key_size = std::tuple_size_v<SlotKey>;

    rvm_status damaged(std::uint32_t keyspace, rvm_view key, const char* what) {
        return visitor_.damaged ? visitor_.damaged(keyspace, key, what) : RVM_E_IO;
    }

    rvm_status one_account() {
        rvm_address address{};
        AccountRecord record;
        if (accounts_.key.size != sizeof address.bytes)
            return damaged(RVM_KEYSPACE_ACCOUNTS, accounts_.key, "the key is no address");
        std::memcpy(address.bytes, accounts_.key.data, sizeof address.bytes);
        const bool sound = decode(accounts_.value, &record);
        rvm_status status = RVM_OK;
        if (!sound)
            status = damaged(RVM_KEYSPACE_ACCOUNTS, accounts_.key, "the account record is malformed");
        else if (visitor_.account)
            status = visitor_.account(address, record);
        while (status == RVM_OK && slots_.there) {
            if (slots_.key.size != slot_key_size) {
                status = damaged(RVM_KEYSPACE_SLOTS, slots_.key, "the key of the slot is malformed");
            } else {
                const int order = std::memcmp(slots_.key.data, address.bytes, sizeof address.bytes);
                if (order > 0) break;
                if (order < 0)
                    status = damaged(RVM_KEYSPACE_SLOTS, slots_.key, "the slot belongs to no account");
                else if (sound)
                    status = one_slot(record);
            }
            if (status == RVM_OK) status = slots_.advance();
        }
        return status;
    }

    rvm_status one_slot(const AccountRecord& record) {
        const std::uint64_t incarnation = load_be64(slots_.key.data + sizeof(rvm_address));
        rvm_u256 value{};
        if (!decode_slot(slots_.value, &value))
            return damaged(RVM_KEYSPACE_SLOTS, slots_.key, "the value of the slot is malformed");
        if (incarnation > record.incarnation)
            return damaged(RVM_KEYSPACE_SLOTS, slots_.key, "the slot is of an incarnation to come");
        if (incarnation < record.incarnation)
            return visitor_.unreachable ? visitor_.unreachable(slots_.key, slots_.value) : RVM_OK;
        constexpr std::size_t prefix = sizeof(rvm_address) + sizeof incarnation;
        return visitor_.slot ? visitor_.slot(load_be256(slots_.key.data + prefix), value) : RVM_OK;
    }

    const StoreReader& reader_;
    const StoreVisitor& visitor_;
    Position accounts_, slots_;
};

} // namespace

rvm_status walk_store(const StoreReader& reader, const StoreVisitor& visitor) { return Walk(reader, visitor).run(); }

} // namespace rvm::state
