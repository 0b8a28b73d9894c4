#include "node/channel/next_anchor.h"

#include "chaincode/json/strict_json.h"

namespace tally::node {

namespace json = boost::json;

Result<std::optional<std::string>> next_anchor(const storage::Ledger& ledger, const crypto::Hash& genesis,
                                               const json::value& latest, const std::string& organization) {
    const auto tip = ledger.tip();
    const auto checkpoint = TRY(ledger.block_header(tip->number)).metadata.checkpoint;
    json::array path;
    for (const auto& each : latest.at("anchors").as_array()) {
        if (std::string_view(each.at("organization").as_string()) != organization ||
            std::string_view(each.at("genesis").as_string()) != genesis.hex())
            continue;
        const auto block = each.at("block").to_number<std::uint64_t>();
        const auto size = each.at("tree_size").to_number<std::uint64_t>();
        if (block > tip->number || size > checkpoint.tree_size)
            return fail(Code::bad_proof, "block {} is anchored, and this node's ledger ends at block {}", block,
                        tip->number);
        const auto here = ledger.block_header(block);  // a ledger that began with a snapshot may not have it
        if (here && here->metadata.checkpoint.root.hex() != std::string_view(each.at("root").as_string()))
            return fail(Code::bad_proof, "block {} is anchored with another root than it has on this node", block);
        if (block == tip->number) return std::nullopt;
        for (const auto& hash : TRY(ledger.consistency_path(size, checkpoint.tree_size))) path.emplace_back(hash.hex());
    }
    return chaincode::json_text(json::object{{"channel", checkpoint.channel},
                                             {"genesis", genesis.hex()},
                                             {"block", checkpoint.block_number},
                                             {"block_hash", checkpoint.block_hash.hex()},
                                             {"tree_size", checkpoint.tree_size},
                                             {"root", checkpoint.root.hex()},
                                             {"consistency", std::move(path)}});
}

}  // namespace tally::node
