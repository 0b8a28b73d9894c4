#include "chaincode/contracts/anchor/anchor.h"

#include <algorithm>

#include "chaincode/contracts/anchor/shards.h"
#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "crypto/merkle.h"

namespace tally::chaincode::anchor {
namespace {

constexpr std::size_t kUsualPage = 100;
constexpr std::size_t kLongestPage = 1000;
constexpr std::size_t kMaxPath = 128;
// Of transactions and blocks, more than any channel makes: so nobody anchors a block that never comes. A block holds a
// transaction, or was cut after a pause of milliseconds.
constexpr std::int64_t kMostPerMs = 1000;
constexpr std::int64_t kClockSkewMs = 60'000;  // between who made the genesis block and who anchors

struct PutAnchor {
    std::string channel;
    std::string genesis;
    std::int64_t block = 0;
    std::string block_hash;
    std::int64_t tree_size = 0;
    std::string root;
    std::vector<std::string> consistency;

    static std::string_view describe(std::string_view member) {
        if (member == "channel" || member == "genesis") return OfShard::describe(member);
        if (member == "block") return "the block behind which the checkpoint is";
        if (member == "tree_size") return "leaves of the shard's transaction log";
        if (member == "root") return "the log's root, hex";
        if (member == "consistency")
            return "RFC 9162 consistency proof from the organization's last anchored checkpoint: hashes, hex";
        return "hex";
    }
};
BOOST_DESCRIBE_STRUCT(PutAnchor, (), (channel, genesis, block, block_hash, tree_size, root, consistency))

struct Anchor {  // on the ledger
    std::int64_t block = 0;
    std::string block_hash;
    std::int64_t tree_size = 0;
    std::string root;
    std::int64_t time_ms = 0;
};
BOOST_DESCRIBE_STRUCT(Anchor, (), (block, block_hash, tree_size, root, time_ms))

struct Latest {
    std::string channel;
    std::optional<std::string> genesis;

    static std::string_view describe(std::string_view member) {
        return member == "channel" ? "the shard's name" : "of the shard with this block 0 alone, hex";
    }
};
BOOST_DESCRIBE_STRUCT(Latest, (), (channel, genesis))

struct History {
    std::string channel;
    std::string genesis;
    std::optional<std::int64_t> from_block;
    std::optional<std::int64_t> limit;

    static std::string_view describe(std::string_view member) {
        if (member == "from_block") return "the first block to tell of";
        if (member == "limit") return "the longest page, 1 to 1000";
        return OfShard::describe(member);
    }
};
BOOST_DESCRIBE_STRUCT(History, (), (channel, genesis, from_block, limit))

Result<crypto::Hash> hash_of(std::string_view hex, std::string_view name) {
    auto hash = crypto::Hash::from_hex(hex);
    if (!hash) return fail(Code::invalid_argument, "\"{}\" is not 64 hexadecimal digits", name);
    return hash;
}

Status check_continues(const PutAnchor& in, const Anchor& last) {
    if (in.block <= last.block)
        return fail(Code::conflict, "block {} of {} is anchored already", last.block, in.channel);
    if (in.consistency.size() > kMaxPath)
        return fail(Code::invalid_argument, "\"consistency\" has more than {} hashes", kMaxPath);
    std::vector<crypto::Hash> path;
    for (const auto& each : in.consistency) path.push_back(TRY(hash_of(each, "consistency")));
    if (in.tree_size < last.tree_size)
        return fail(Code::bad_proof, "the log of {} had {} leaves and cannot have {} now", in.channel, last.tree_size,
                    in.tree_size);
    const auto status =
        crypto::verify_consistency(static_cast<std::uint64_t>(last.tree_size), static_cast<std::uint64_t>(in.tree_size),
                                   path, TRY(hash_of(last.root, "root")), TRY(hash_of(in.root, "root")));
    if (status) return {};
    return fail(Code::bad_proof, "the log of {} does not continue the one anchored at block {}: {}", in.channel,
                last.block, status.error().message);
}

Status check_possible(const PutAnchor& in, const Shard& shard, std::int64_t time_ms) {
    if (in.block < 0 || in.tree_size < 1)
        return fail(Code::invalid_argument, "\"block\" is {} and \"tree_size\" {}", in.block, in.tree_size);
    const auto age_ms = std::max<std::int64_t>(time_ms - shard.genesis_ms, 0) + kClockSkewMs;
    if (in.tree_size / kMostPerMs <= age_ms && in.block - age_ms <= in.tree_size) return {};
    return fail(Code::invalid_argument, "{} began {} s ago and cannot be at block {} with {} transactions", in.channel,
                (time_ms - shard.genesis_ms) / 1000, in.block, in.tree_size);
}

Result<json::value> put(Stub& stub, const PutAnchor& in) {
    const auto shard = TRY(own_shard(stub, in.channel, in.genesis));
    TRY(check_possible(in, shard, stub.time_ms()));
    TRY(hash_of(in.block_hash, "block_hash"));
    TRY(hash_of(in.root, "root"));
    const auto& organization = stub.caller().organization;
    const auto key = composite_key({"last", in.channel, in.genesis, organization});
    if (const auto last = TRY(get_document<Anchor>(stub, key, "an anchor"))) TRY(check_continues(in, *last));
    const Anchor anchor{in.block, in.block_hash, in.tree_size, in.root, stub.time_ms()};
    TRY(put_document(stub, key, anchor));
    TRY(put_document(stub, composite_key({"at", in.channel, in.genesis, padded(in.block), organization}), anchor));
    stub.emit("anchored", json::object{{"channel", in.channel},
                                       {"genesis", in.genesis},
                                       {"block", in.block},
                                       {"root", in.root},
                                       {"organization", organization}});
    return json::object{{"channel", in.channel}, {"block", in.block}};
}

Result<json::object> described(const KeyValue& entry, std::string_view genesis) {
    auto out = to_json(TRY(read_document<Anchor>(entry.value, "an anchor"))).as_object();
    out["genesis"] = genesis;
    out["organization"] = last_part(entry.key);
    return out;
}

Result<json::value> latest(Stub& stub, const Latest& in) {
    const auto [start, end] =
        in.genesis ? children_of({"last", in.channel, *in.genesis}) : children_of({"last", in.channel});
    const auto page = TRY(stub.range(start, end, {.limit = kLongestPage}));
    json::array anchors;
    for (const auto& entry : page.entries) {
        const auto shard = std::string_view(entry.key).substr(0, entry.key.rfind('\0'));
        anchors.push_back(TRY(described(entry, last_part(shard))));
    }
    return json::object{{"channel", in.channel}, {"anchors", std::move(anchors)}, {"more", page.more}};
}

// Blocks that organizations saw differently are told as such.
Result<json::value> history(Stub& stub, const History& in) {
    const auto limit = TRY(page_limit(in.limit, kUsualPage, kLongestPage));
    auto [start, end] = children_of({"at", in.channel, in.genesis});
    if (in.from_block) {
        if (*in.from_block < 0) return fail(Code::invalid_argument, "\"from_block\" is negative");
        start = composite_key({"at", in.channel, in.genesis, padded(*in.from_block)});
    }
    const auto page = TRY(stub.range(start, end, {.limit = limit}));
    json::array anchors;
    json::array disagreements;
    std::string previous_root;
    std::int64_t previous_block = -1;
    for (const auto& entry : page.entries) {
        auto anchor = TRY(described(entry, in.genesis));
        const auto block = anchor.at("block").as_int64();
        const auto root = std::string(anchor.at("root").as_string());
        if (block == previous_block && root != previous_root) disagreements.emplace_back(block);
        previous_block = block;
        previous_root = root;
        anchors.push_back(std::move(anchor));
    }
    return json::object{{"channel", in.channel},
                        {"anchors", std::move(anchors)},
                        {"disagreements", std::move(disagreements)},
                        {"more", page.more}};
}

}  // namespace

// Only who signs checkpoints says what a shard's log was. A client could set its organization's anchor to a block that
// never comes, and none would follow it.
Contract contract() {
    Contract contract("anchor", 1, "Checkpoints of other channels");
    contract.add<PutAnchor>({.name = "put",
                             .summary = "Anchors a checkpoint that continues the organization's last one",
                             .writes = true,
                             .roles = {"peer"}},
                            &put);
    contract.add<Open>({.name = "open",
                        .summary = "Puts a shard on this channel by its genesis block (attachment 0)",
                        .writes = true,
                        .roles = {"peer"}},
                       &open);
    contract.add<ChangeMembers>({.name = "change_members",
                                 .summary = "Says who a shard's members are now; more than half of them decide",
                                 .writes = true,
                                 .roles = {"peer"}},
                                &change_members);
    contract.add<OfShard>(
        {.name = "shard", .summary = "A shard and its organizations, or null", .writes = false, .roles = {}}, &shard);
    contract.add<Latest>(
        {.name = "latest", .summary = "Each organization's newest anchor of a shard", .writes = false, .roles = {}},
        &latest);
    contract.add<History>({.name = "history",
                           .summary = "Every anchor of a shard, and where organizations disagree",
                           .writes = false,
                           .roles = {}},
                          &history);
    return contract;
}

}  // namespace tally::chaincode::anchor
