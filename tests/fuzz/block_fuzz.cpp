// Any bytes as a block: what decodes encodes to the same bytes, and every rule can be asked about it.
#include <cstdlib>

#include "block/body_rules.hpp"
#include "block/ommers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::ledger;
    Block block;
    if (decode_block({data, size}, block)) return 0;
    const Buffer again = encode_block(block.header, block.encoded_transactions, block.ommers, block.withdrawals);
    if (again != Buffer(data, data + size)) std::abort();

    // As its own parent's child, in every fork: rules may refuse, never fail.
    for (const Fork& fork : forks()) {
        (void)check_body(block, fork);
        Header parent = block.header;
        parent.number -= 1;
        parent.timestamp -= 1;
        if (fork.has(Revision::london) && !parent.base_fee) parent.base_fee = 1;
        (void)check_header(block.header, fork, parent, fork);
        const Ancestor ancestors[] = {{&parent, hash_of(parent), &fork, {}}, {&block.header, block.hash, &fork, {}}};
        (void)check_ommers(block, ForkSchedule(fork), ancestors);
    }
    return 0;
}
