#include "chaincode/contracts/anchor/anchor.h"

#include <algorithm>

#include "chaincode/contracts/anchor/channels.h"
#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "crypto/merkle.h"

namespace tally::chaincode::anchor {
namespace {

// Of transactions and blocks, more than any channel makes: so nobody anchors a block that never comes. A block holds a
// transaction, or was cut after a pause of milliseconds.
constexpr std::int64_t kMostPerMs = 1000;
constexpr std::int64_t kClockSkewMs = 60'000;  // between who made the genesis block and who anchors

struct PutAnchor : OfChannel {
    std::int64_t block = 0;
    std::string block_hash;
    std::int64_t tree_size = 0;
    std::string root;
    std::vector<std::string> consistency;
};
TALLY_FIELDS_WITH(PutAnchor, (OfChannel), (block, "the last block that the checkpoint covers", .min = 0),
                  (block_hash, "its hash, hex", .form = &kHash),
                  (tree_size, "leaves of the channel's transaction log", .min = 1),
                  (root, "the log's root, hex", .form = &kHash),
                  (consistency, "RFC 9162 consistency proof from the organization's last anchored checkpoint, hex",
                   .max = 128, .form = &kHash))

struct Anchored {
    std::string channel;
    std::int64_t block = 0;
};
TALLY_FIELDS(Anchored, (channel, "the channel's name"), (block, "the block that is anchored now"))

struct AnchoredEvent {
    std::string channel;
    std::string genesis;
    std::int64_t block = 0;
    std::string root;
    std::string organization;
};
TALLY_FIELDS(AnchoredEvent, (channel, "the channel's name"), (genesis, "the hash of its block 0"),
             (block, "the block that is anchored"), (root, "of the channel's transaction log"),
             (organization, "whose checkpoint it is"))

struct Anchor {  // on the ledger
    std::int64_t block = 0;
    std::string block_hash;
    std::int64_t tree_size = 0;
    std::string root;
    std::int64_t time_ms = 0;
};
TALLY_FIELDS(Anchor, (block, "the last block that the checkpoint covers"), (block_hash, "its hash, hex"),
             (tree_size, "leaves of the channel's transaction log"), (root, "the log's root, hex"),
             (time_ms, "when it was anchored"))

struct AnchorView : Anchor {
    std::string genesis;
    std::string organization;
};
TALLY_FIELDS_WITH(AnchorView, (Anchor), (genesis, "the hash of the channel's block 0"),
                  (organization, "whose checkpoint it is"))

struct Latest : PageArguments {
    std::string channel;
    std::optional<std::string> genesis;
};
TALLY_FIELDS_WITH(Latest, (PageArguments), (channel, "the channel's name", .form = &kIdentifier),
                  (genesis, "only of the channel with this block 0, hex", .form = &kHash))

struct LatestPage {
    std::string channel;
    std::vector<AnchorView> anchors;
    std::optional<std::string> next;
};
TALLY_FIELDS(LatestPage, (channel, "the channel's name"), (anchors, "each organization's newest one"),
             (next, "the next page's cursor"))

struct History : PageArguments {
    std::string channel;
    std::string genesis;
    std::optional<std::int64_t> from_block;
};
TALLY_FIELDS_WITH(History, (PageArguments), (channel, "the channel's name", .form = &kIdentifier),
                  (genesis, "the hash of the channel's block 0, hex", .form = &kHash),
                  (from_block, "the first block (default 0)", .min = 0))

struct HistoryPage {
    std::string channel;
    std::vector<AnchorView> anchors;
    std::vector<std::int64_t> disagreements;
    std::optional<std::string> next;
};
TALLY_FIELDS(HistoryPage, (channel, "the channel's name"), (anchors, "by block"),
             (disagreements, "blocks for which organizations have anchored different roots"),
             (next, "the next page's cursor"))

Status check_continues(const PutAnchor& in, const Anchor& last) {
    if (in.block <= last.block)
        return fail(Code::conflict, "block {} of {} is anchored already", last.block, in.channel);
    std::vector<crypto::Hash> path;
    for (const auto& each : in.consistency) path.push_back(TRY(crypto::Hash::from_hex(each)));
    if (in.tree_size < last.tree_size)
        return fail(Code::bad_proof, "the log of {} had {} leaves and cannot have {} now", in.channel, last.tree_size,
                    in.tree_size);
    const auto status =
        crypto::verify_consistency(static_cast<std::uint64_t>(last.tree_size), static_cast<std::uint64_t>(in.tree_size),
                                   path, TRY(crypto::Hash::from_hex(last.root)), TRY(crypto::Hash::from_hex(in.root)));
    if (status) return {};
    return fail(Code::bad_proof, "the log of {} does not continue the one anchored at block {}: {}", in.channel,
                last.block, status.error().message);
}

Status check_possible(const PutAnchor& in, const AnchoredChannel& anchored, std::int64_t time_ms) {
    const auto age_ms = std::max<std::int64_t>(time_ms - anchored.genesis_ms, 0) + kClockSkewMs;
    if (in.tree_size / kMostPerMs <= age_ms && in.block - age_ms <= in.tree_size) return {};
    return fail(Code::invalid_argument, "{} began {} s ago and cannot be at block {} with {} transactions", in.channel,
                (time_ms - anchored.genesis_ms) / 1000, in.block, in.tree_size);
}

Result<Anchored> put(Stub& stub, const PutAnchor& in) {
    const auto anchored = TRY(own_channel(stub, in));
    TRY(check_possible(in, anchored, stub.time_ms()));
    const auto& organization = stub.caller().organization;
    const auto key = composite_key({"last", in.channel, in.genesis, organization});
    if (const auto last = TRY(get_document<Anchor>(stub, key, "an anchor"))) TRY(check_continues(in, *last));
    const Anchor anchor{in.block, in.block_hash, in.tree_size, in.root, stub.time_ms()};
    TRY(put_document(stub, key, anchor));
    TRY(put_document(stub, composite_key({"at", in.channel, in.genesis, padded(in.block), organization}), anchor));
    emit(stub, "anchored", AnchoredEvent{in.channel, in.genesis, in.block, in.root, organization});
    return Anchored{in.channel, in.block};
}

Result<AnchorView> view_of(const KeyValue& entry, std::string_view genesis) {
    return AnchorView{TRY(read_document<Anchor>(entry.value, "an anchor")), std::string(genesis),
                      std::string(last_part(entry.key))};
}

Result<LatestPage> latest(Stub& stub, const Latest& in) {
    const auto pager = in.genesis ? Pager({"last", in.channel, *in.genesis}) : Pager({"last", in.channel});
    LatestPage page{in.channel, {}, {}};
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        const auto anchored = std::string_view(entry.key).substr(0, entry.key.rfind('\0'));
        page.anchors.push_back(TRY(view_of(entry, last_part(anchored))));
        return true;
    }));
    return page;
}

Result<HistoryPage> history(Stub& stub, const History& in) {
    HistoryPage page{in.channel, {}, {}, {}};
    Pager pager({"at", in.channel, in.genesis});
    if (in.from_block) pager.from(padded(*in.from_block));
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto anchor = TRY(view_of(entry, in.genesis));
        const auto* before = page.anchors.empty() ? nullptr : &page.anchors.back();
        if (before != nullptr && before->block == anchor.block && before->root != anchor.root)
            page.disagreements.push_back(anchor.block);
        page.anchors.push_back(std::move(anchor));
        return true;
    }));
    return page;
}

}  // namespace

// Only who signs checkpoints says what a channel's log was. A client could set its organization's anchor to a block
// that never comes, and none would follow it.
Contract contract() {
    Contract contract("anchor", 1, "Checkpoints of other channels");
    const std::vector<std::string> peers{"peer"};
    contract
        .add(&put, {.name = "put",
                    .summary = "Anchors a checkpoint that continues the organization's last one",
                    .writes = true,
                    .roles = peers})
        .add(&open, {.name = "open",
                     .summary = "Opens another channel here, by its genesis block",
                     .writes = true,
                     .roles = peers,
                     .attachments = {{"the channel's genesis block"}}})
        .add(&change_members, {.name = "change_members",
                               .summary = "States who a channel's members are now; more than half of them decide",
                               .writes = true,
                               .roles = peers})
        .add(&channel, {.name = "channel", .summary = "An open channel and its organizations, or null"})
        .add(&latest, {.name = "latest", .summary = "Each organization's newest anchor of a channel"})
        .add(&history, {.name = "history", .summary = "Every anchor of a channel, and where organizations disagree"})
        .event<AnchoredEvent>("anchored", "A checkpoint of a channel was anchored");
    return contract;
}

}  // namespace tally::chaincode::anchor
