#include "sign/batch.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t bls_group = 64; // larger ones save little more and make a failure dearer

bool verify_one(const SignedMessage& item, const Primitives& primitives) {
    try {
        return verify(item.scheme, item.signer, item.signature, item.message, primitives);
    } catch (const Refusal&) {
        return false;
    }
}

bool well_sized(const SignedMessage& item) { return item.signer.size() == 48 && item.signature.size() == 96; }

bool group_holds(const std::vector<SignedMessage>& batch, std::span<const std::size_t> group,
                 const Primitives& primitives) {
    Buffer input;
    const auto append = [&](Bytes bytes) { input.insert(input.end(), bytes.begin(), bytes.end()); };
    for (const std::size_t i : group) {
        if (!well_sized(batch[i])) return false;
        append(batch[i].signature);
        append(batch[i].signer);
        append(Number(batch[i].message.size()));
        append(batch[i].message);
    }
    return primitives.holds(Primitive::bls_verify_batch, {input});
}

} // namespace

std::vector<bool> verify_all(const std::vector<SignedMessage>& batch, unsigned threads, const Primitives& primitives) {
    std::vector<std::vector<std::size_t>> tasks;
    std::vector<std::size_t> of_bls;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].scheme == Scheme::bls)
            of_bls.push_back(i);
        else
            tasks.push_back({i});
    }
    for (std::size_t at = 0; at < of_bls.size(); at += bls_group) {
        const auto begin = of_bls.begin() + static_cast<std::ptrdiff_t>(at);
        tasks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(bls_group, of_bls.size() - at)));
    }

    std::vector<char> valid(batch.size()); // not bool: threads write neighbours
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failure_lock;
    const auto work = [&] {
        try {
            for (std::size_t t = next++; t < tasks.size(); t = next++) {
                const bool all = tasks[t].size() > 1 && group_holds(batch, tasks[t], primitives);
                for (const std::size_t i : tasks[t]) {
                    valid[i] = all || verify_one(batch[i], primitives) ? 1 : 0;
                }
            }
        } catch (...) {
            const std::lock_guard lock(failure_lock);
            failure = std::current_exception();
            next = tasks.size();
        }
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::min<std::size_t>(threads, tasks.size()); ++i) {
        helpers.emplace_back(work);
    }
    work();
    helpers.clear(); // joined
    if (failure) std::rethrow_exception(failure);
    return {valid.begin(), valid.end()};
}

} // namespace rvm::wallet
