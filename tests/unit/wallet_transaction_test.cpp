// Transactions to sign.
#include "transaction/signing.hpp"

#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

using tx::Type;

const json& minimal() {
    static const json document = {
        {"chainId", 1}, {"nonce", 0}, {"gas", 21000}, {"gasPrice", "0x1"}, {"to", std::string(40, '1')}};
    return document;
}
json with(const char* key, const json& value) {
    json document = minimal();
    document[key] = value;
    return document;
}
std::string why(const json& document, bool unprotected = false) {
    return refusal([&] { return read_transaction(document.dump(), unprotected); });
}

TEST(wallet_transaction, members_decide_the_type) {
    const auto type = [](const json& document) { return read_transaction(document.dump(), false).tx.type; };
    EXPECT_EQ(type(minimal()), Type::legacy);
    EXPECT_EQ(type(with("accessList", json::array())), Type::access_list);
    json fee = minimal();
    fee.erase("gasPrice");
    fee["maxFeePerGas"] = 2;
    fee["maxPriorityFeePerGas"] = 1;
    EXPECT_EQ(type(fee), Type::dynamic_fee);
    json blob = fee;
    blob["maxFeePerBlobGas"] = 3;
    blob["blobVersionedHashes"] = json::array({"01" + std::string(62, '0')});
    EXPECT_EQ(type(blob), Type::blob);
    blob["blobVersionedHashes"].push_back(std::string(64, '0'));
    EXPECT_NE(why(blob).find("blobVersionedHashes[1]: expected the version 0x01"), std::string::npos) << why(blob);
    blob["blobVersionedHashes"].erase(1);
    json set_code = fee;
    set_code["authorizationList"] = json::array({{{"chainId", 1},
                                                  {"address", std::string(40, '2')},
                                                  {"nonce", 0},
                                                  {"yParity", 1},
                                                  {"r", "0x1"},
                                                  {"s", "0x2"}}});
    EXPECT_EQ(type(set_code), Type::set_code);
    set_code["authorizationList"] = json::array();
    EXPECT_NE(why(set_code), "");
    blob.erase("to");
    EXPECT_NE(why(blob).find("\"to\""), std::string::npos);
}

TEST(wallet_transaction, nothing_that_was_asked_for_is_lost) {
    EXPECT_EQ(why(minimal()), "");
    EXPECT_NE(why(with("gassPrice", 1)).find("gassPrice"), std::string::npos);
    EXPECT_NE(why(with("maxFeePerBlobGas", 1)), "") << "type 3 has no gasPrice";
    json typed = with("accessList", json::array({{{"address", std::string(40, '2')}, {"storageKeys", json::array()}}}));
    typed["type"] = 0;
    EXPECT_NE(why(typed).find("accessList"), std::string::npos);
    EXPECT_NE(why(with("gasLimit", 1)).find("the same"), std::string::npos);
    EXPECT_NE(why(with("nonce", "18446744073709551616")).find("nonce"), std::string::npos);
    EXPECT_NE(why(with("to", "0x1234")).find("to"), std::string::npos);
    EXPECT_NE(why(with("data", "0x123")).find("data"), std::string::npos);
    json no_gas = minimal();
    no_gas.erase("gas");
    EXPECT_NE(why(no_gas).find("gas"), std::string::npos);
}

TEST(wallet_transaction, what_the_network_would_refuse_is_not_signed) {
    json fee = minimal();
    fee.erase("gasPrice");
    fee["maxFeePerGas"] = 10;
    fee["maxPriorityFeePerGas"] = 10;
    EXPECT_EQ(why(fee), "");
    fee["maxPriorityFeePerGas"] = "11";
    EXPECT_NE(why(fee).find("\"maxPriorityFeePerGas\": expected at most \"maxFeePerGas\" (10), found 11"),
              std::string::npos)
        << why(fee);
    EXPECT_EQ(why(with("nonce", "18446744073709551614")), "");
    EXPECT_NE(why(with("nonce", "0xffffffffffffffff")).find("\"nonce\": expected at most"), std::string::npos);
    EXPECT_EQ(why(with("chainId", "9223372036854775771")), "");
    EXPECT_NE(why(with("chainId", "9223372036854775772")).find("\"chainId\": expected at most"), std::string::npos);
    EXPECT_NE(why(with("chainId", "0x8" + std::string(63, '0'))).find("\"chainId\""), std::string::npos)
        << "v would wrap";
}

TEST(wallet_transaction, refusals_say_where_and_what_was_found) {
    EXPECT_NE(why(with("nonce", -1)).find("\"nonce\": expected a number that is not negative, found -1"),
              std::string::npos);
    EXPECT_NE(why(with("value", "0x1" + std::string(64, '0'))).find("\"value\": expected a number of at most 256"),
              std::string::npos);
    EXPECT_NE(why(with("accessList", json::array({json::object()}))).find("accessList[0]: the member \"address\""),
              std::string::npos);
    EXPECT_NE(why(with("accessList", json::array({5}))).find("accessList[0]: expected an object, found 5"),
              std::string::npos);
    const json cut = {{"address", std::string(40, '2')}, {"storageKeys", json::array({std::string(64, '1'), "0x12"})}};
    EXPECT_NE(why(with("accessList", json::array({cut}))).find("accessList[0].storageKeys[1]: expected 32 bytes"),
              std::string::npos);
    const auto text = [](std::string_view json) { return refusal([&] { return read_transaction(json, false); }); };
    EXPECT_NE(text("{\"chainId\": 1,\n  \"nonce\"").find("line 2, column 10: expected JSON, found the end"),
              std::string::npos)
        << text("{\"chainId\": 1,\n  \"nonce\"");
    EXPECT_NE(text("{\"gas\": 1e999}").find("\"gas\": a number is out of range"), std::string::npos);
    EXPECT_NE(text("{\"gas\": 1.5}").find("\"gas\": expected an integer of 64 bits or a string, found 1.5"),
              std::string::npos);
    EXPECT_NE(text("{\n \"a\" 1}").find("line 2, column 6: expected JSON, found something else"), std::string::npos)
        << text("{\n \"a\" 1}");
}

TEST(wallet_transaction, replay_protection_is_given_up_on_purpose_only) {
    json open = minimal();
    open.erase("chainId");
    EXPECT_NE(why(open).find("chainId"), std::string::npos);
    EXPECT_EQ(why(open, true), "");
    open["type"] = 2;
    EXPECT_NE(why(open, true), "");
    EXPECT_NE(why(with("chainId", 0)).find("chainId"), std::string::npos);
}

TEST(wallet_transaction, eip155_example) {
    const json document = {{"chainId", 1},
                           {"nonce", 9},
                           {"gasPrice", "20000000000"},
                           {"gasLimit", 21000},
                           {"to", "0x3535353535353535353535353535353535353535"},
                           {"value", "1000000000000000000"},
                           {"data", "0x"}};
    TransactionRequest request = read_transaction(document.dump(), false);
    std::string key; // 0x4646...
    for (int i = 0; i < 32; ++i) {
        key += "46";
    }
    sign_transaction(request.tx, secret(key), primitives());
    EXPECT_EQ(to_hex(encoded_transaction(request.tx)),
              "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939"
              "bc2195fe537567"
              "866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

enum class Ethers { five, six };

/// The members of one signed form, with ethers' defaults for those it left out.
json document_for(const json& transaction, Type type, Ethers ethers) {
    json out = {{"type", static_cast<int>(type)}, {"nonce", 0}, {"gasLimit", 0}};
    std::vector<std::string> keys{"nonce", "gasLimit", "to", "value", "data"};
    if (type < Type::dynamic_fee) {
        out["gasPrice"] = 0;
        keys.emplace_back("gasPrice");
    } else {
        out["maxFeePerGas"] = 0;
        out["maxPriorityFeePerGas"] = 0;
        keys.insert(keys.end(), {"maxFeePerGas", "maxPriorityFeePerGas"});
    }
    if (type > Type::legacy) {
        out["chainId"] = ethers == Ethers::five ? 1 : 0;
        keys.insert(keys.end(), {"chainId", "accessList"});
    }
    if (type == Type::blob) {
        out["maxFeePerBlobGas"] = 0;
        out["to"] = std::string(40, '0');
        keys.insert(keys.end(), {"maxFeePerBlobGas", "blobVersionedHashes"});
    }
    for (const std::string& key : keys) {
        if (!transaction.contains(key) || transaction[key].is_null()) continue;
        const bool bytes = key == "to" || key == "data";
        out[key] = !bytes && transaction[key] == "0x" ? json(0) : transaction[key]; // how ethers 5 writes the number
    }
    return out;
}

/// ethers 5 has a form protected for chain 0, which no chain is and read_transaction() refuses.
bool with_chain(const json& transaction) { return transaction.contains("chainId") && transaction["chainId"] != "0x"; }

/// Signs every fourth entry in each form that ethers gives; how many forms there were.
std::size_t signed_alike(const json& document, std::size_t first, Ethers ethers) {
    std::size_t signed_ones = 0;
    for (std::size_t i = first; i < document.size(); i += 4) {
        const json& entry = document[i];
        const Secret key = secret(entry["privateKey"].get<std::string>());
        const auto expect = [&](const json& asked, const char* name, bool unprotected) {
            if (entry.value(name, "").empty()) return; // ethers has no such form of it
            TransactionRequest request = read_transaction(asked.dump(), unprotected);
            sign_transaction(request.tx, key, primitives());
            EXPECT_EQ("0x" + to_hex(encoded_transaction(request.tx)), entry[name].get<std::string>())
                << entry["name"] << name;
            ++signed_ones;
        };
        const json& transaction = entry["transaction"];
        json legacy = document_for(transaction, Type::legacy, ethers);
        expect(legacy, "signedLegacy", true);
        if (with_chain(transaction)) {
            legacy["chainId"] = transaction["chainId"];
            expect(legacy, "signedEip155", true);
        }
        expect(document_for(transaction, Type::access_list, ethers), "signedBerlin", false);
        expect(document_for(transaction, Type::dynamic_fee, ethers), "signedLondon", false);
        if (ethers == Ethers::five) continue; // knows no blobs
        const json blob = document_for(transaction, Type::blob, ethers);
        if (blob.contains("blobVersionedHashes") && !blob["blobVersionedHashes"].empty())
            expect(blob, "signedCancun", false);
        else
            EXPECT_NE(why(blob).find("blobVersionedHashes"), std::string::npos) << "EIP-4844 wants one";
    }
    std::cout << "  " << signed_ones << " signed transactions\n";
    return signed_ones;
}

class wallet_ethers_transactions : public ::testing::TestWithParam<std::size_t> {};

TEST_P(wallet_ethers_transactions, are_signed_alike) {
    WALLET_FIXTURE(document, "ethers/transactions.json");
    ASSERT_EQ(document.size(), 2048u);
    EXPECT_GT(signed_alike(document, GetParam(), Ethers::six), 1900u);
}
TEST_P(wallet_ethers_transactions, of_ethers_5_are_signed_alike) {
    WALLET_FIXTURE(document, "ethers/transaction.json");
    ASSERT_EQ(document.size(), 577u);
    const auto of_this_quarter = [&](const auto& has) {
        std::size_t count = 0;
        for (std::size_t i = GetParam(); i < document.size(); i += 4)
            count += has(document[i]["transaction"]) ? 1 : 0;
        return count;
    };
    const std::size_t forms = 3 * of_this_quarter([](const json&) { return true; }) + of_this_quarter(with_chain);
    EXPECT_EQ(signed_alike(document, GetParam(), Ethers::five), forms);
}
INSTANTIATE_TEST_SUITE_P(quarters, wallet_ethers_transactions, ::testing::Range<std::size_t>(0, 4));

} // namespace
} // namespace rvm::wallet::test
