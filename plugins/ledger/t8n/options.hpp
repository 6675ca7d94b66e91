// The command line of t8n: geth's flags.
#pragma once

#include <optional>
#include <string>

#include <rvm/plugin.h>

#include "base/types.hpp"
#include "rules/fork.hpp"

namespace rvm::ledger {

struct T8nOptions {
    std::string input_alloc = "alloc.json"; ///< a file, or "stdin": member "alloc" of the object there
    std::string input_witness;              ///< instead of an alloc when it is not empty: a file or "stdin"
    std::string input_env = "env.json";
    std::string input_txs = "txs.json";      ///< *.rlp: a JSON string with the RLP of a list of transactions
    std::string basedir;                     ///< of the outputs that are files; made when it is missing
    std::string output_alloc = "alloc.json"; ///< a file, "stdout", "stderr", or empty: none
    std::string output_result = "result.json";
    std::string output_witness;
    std::string output_body; ///< RLP of the list of included transactions
    const Fork* fork = nullptr;
    U256 chain_id = 1;
    std::optional<U256> reward = U256{}; ///< wei to the miner; nullopt (-1): no rewards at all
    std::string tracer;                  ///< empty: no traces
};

/// Throws UsageError.
[[nodiscard]] T8nOptions parse_t8n_options(std::int32_t argc, const char* const* argv);

} // namespace rvm::ledger
