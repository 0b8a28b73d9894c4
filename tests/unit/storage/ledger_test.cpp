#include "storage/ledger.h"

#include <gtest/gtest.h>

#include <map>

#include "crypto/merkle.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

std::vector<std::string> keys_of(const StateReader& state, std::string_view start, std::string_view end, bool reverse,
                                 std::size_t limit = 100) {
    std::vector<std::string> keys;
    const auto status = state.scan(kSpace, start, end, reverse, [&](std::string_view key, const VersionedValue&) {
        keys.emplace_back(key);
        return keys.size() < limit;
    });
    EXPECT_TRUE(status.has_value());
    return keys;
}

using Keys = std::vector<std::string>;

TEST(Ledger, AnEmptyOneHasAChannelAndNoTip) {
    TemporaryLedger ledger;
    EXPECT_EQ(ledger->channel(), "test");
    EXPECT_FALSE(ledger->tip().has_value());
    EXPECT_FALSE(ledger->state()->height().has_value());
    EXPECT_EQ(code_of(ledger->block(0)), Code::not_found);
}

TEST(Ledger, ABlockIsReadBackAsItWasWritten) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    auto prepared = ledger.prepare({{{"a"}, {"b"}}, {}, {{"c", {}, ValidationCode::BAD_PAYLOAD}}});
    prepared.block.metadata.finality_proof = to_bytes("certificate");
    prepared.block.metadata.writer_certificate = to_bytes("writer");
    prepared.block.metadata.writer_signature = to_bytes("signature");
    ASSERT_TRUE(ledger.append(prepared).has_value());
    const auto block = ledger->block(1);
    ASSERT_TRUE(block.has_value());
    EXPECT_EQ(block->header, prepared.block.header);
    EXPECT_EQ(block->batches, prepared.block.batches);
    EXPECT_EQ(block->metadata.finality_proof, to_bytes("certificate"));
    EXPECT_EQ(block->metadata.writer_certificate, to_bytes("writer"));
    EXPECT_EQ(block->metadata.writer_signature, to_bytes("signature"));
    EXPECT_EQ(block->metadata.codes, prepared.effects.codes);
    const auto header = ledger->block_header(1);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->header, prepared.block.header);
    EXPECT_TRUE(header->batches.empty());
    EXPECT_EQ(code_of(ledger->block(2)), Code::not_found);
}

TEST(Ledger, ATransactionIsFoundByItsIdWithPlaceAndCode) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    ledger.grow({{"a"}, {"b", {}, ValidationCode::MVCC_READ_CONFLICT}});
    const auto found = ledger->find(id_of("b"));
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->block, 1U);
    EXPECT_EQ((*found)->index, 1U);
    EXPECT_EQ((*found)->code, ValidationCode::MVCC_READ_CONFLICT);
    EXPECT_EQ((*found)->log_index, 2U);
    EXPECT_EQ(ledger->transaction(1, 1), to_bytes("b"));
    EXPECT_EQ(code_of(ledger->transaction(1, 2)), Code::not_found);
    EXPECT_FALSE(ledger->find(id_of("never"))->has_value());
    EXPECT_EQ(ledger->state()->transaction_bytes(id_of("a")), to_bytes("a"));
    EXPECT_EQ(code_of(ledger->state()->transaction_bytes(id_of("never"))), Code::not_found);
}

TEST(Ledger, ADuplicateIsKeptInItsBlockButTheIdStaysAtItsFirstPlace) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    ledger.grow({{"a"}});
    ledger.grow({{"x"}, {"a", {}, ValidationCode::DUPLICATE_TXID}});
    EXPECT_EQ(ledger->find(id_of("a"))->value().block, 1U);
    EXPECT_EQ(ledger->find(id_of("a"))->value().code, ValidationCode::VALID);
    EXPECT_EQ(ledger->block(2)->batches.at(0).size(), 2U);
    EXPECT_EQ(ledger->tip()->log_size, 4U);
}

TEST(Ledger, ARefusedTransactionIsFoundUntilOneUsesItsIdUpAndDoesNotCoverThatOne) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    ledger.grow({{"a", {}, ValidationCode::ENDORSEMENT_POLICY_FAILURE}});
    EXPECT_EQ(ledger->find(id_of("a"))->value().code, ValidationCode::ENDORSEMENT_POLICY_FAILURE);
    EXPECT_FALSE(*ledger->id_is_used(id_of("a")));
    ledger.grow({{"x"}, {"a"}});
    ledger.grow({{"a", {}, ValidationCode::BAD_CREATOR_SIGNATURE}});
    EXPECT_EQ(ledger->find(id_of("a"))->value().code, ValidationCode::VALID);
    EXPECT_EQ(ledger->find(id_of("a"))->value().block, 2U);
    EXPECT_TRUE(*ledger->id_is_used(id_of("a")));
    EXPECT_EQ(*ledger->state()->transaction_bytes(id_of("a")), *ledger->transaction(2, 1));
}

TEST(Ledger, TheStateIsWhatTheLastWriteOfEachKeySays) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis", {{"a", "1"}, {"b", "1"}}}});
    ledger.grow({{"t", {{"a", "2"}}}, {"u", {{"a", "3"}, {"b", std::nullopt}}}});
    EXPECT_EQ(ledger.value("a"), "3");
    EXPECT_EQ(ledger.value("b"), "(absent)");
    const auto read = ledger->state()->get({std::string(kSpace), "a"});
    EXPECT_EQ((*read)->version, (Version{1, 1}));
    EXPECT_FALSE(ledger->state()->get({"other", "a"})->has_value());
}

TEST(Ledger, ASnapshotDoesNotSeeLaterBlocks) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis", {{"a", "1"}, {"b", "1"}}}});
    const auto before = ledger->state();
    ledger.grow({{"t", {{"a", "2"}, {"b", std::nullopt}, {"c", "new"}}}});
    const std::string space(kSpace);
    EXPECT_EQ(before->height(), 0U);
    EXPECT_EQ(as_text((*before->get({space, "a"}))->value), "1");
    EXPECT_EQ(keys_of(*before, "", "", false), (Keys{"a", "b"}));
    EXPECT_EQ(before->history({space, "a"}, {}, 10)->size(), 1U);
    EXPECT_EQ(code_of(before->transaction_bytes(id_of("t"))), Code::not_found);
    EXPECT_EQ(ledger->state()->height(), 1U);
    EXPECT_EQ(keys_of(*ledger->state(), "", "", false), (Keys{"a", "c"}));
}

TEST(Ledger, ARangeIsScannedForwardBackwardAndUpToALimit) {
    TemporaryLedger ledger;
    std::vector<Change> changes;
    for (const char* key : {"a", "b", "b\xff", "c", "d"}) changes.push_back({key, "v"});
    auto prepared = ledger.prepare({{{"genesis", changes}}});
    for (const char* space : {"meter", "meters0", "meterss"}) {  // neighbours that must not be seen
        prepared.effects.updates.push_back({{space, "b"}, to_bytes("neighbour"), {0, 0}});
    }
    ASSERT_TRUE(ledger.append(prepared).has_value());
    const auto state = ledger->state();
    EXPECT_EQ(keys_of(*state, "", "", false), (Keys{"a", "b", "b\xff", "c", "d"}));
    EXPECT_EQ(keys_of(*state, "", "", true), (Keys{"d", "c", "b\xff", "b", "a"}));
    EXPECT_EQ(keys_of(*state, "b", "d", false), (Keys{"b", "b\xff", "c"}));
    EXPECT_EQ(keys_of(*state, "b", "d", true), (Keys{"c", "b\xff", "b"}));
    EXPECT_EQ(keys_of(*state, "b", "", false, 2), (Keys{"b", "b\xff"}));
    EXPECT_EQ(keys_of(*state, "", "c", true, 1), (Keys{"b\xff"}));
    EXPECT_EQ(keys_of(*state, "bb", "bc", false), Keys{});
    EXPECT_EQ(keys_of(*state, "c", "b", false), Keys{});
}

TEST(Ledger, AKeysHistoryHoldsEveryChangeOldestFirst) {
    TemporaryLedger ledger;
    ledger.grow({{"0", {{"a", "1"}}}});
    ledger.grow({{"1", {{"a", "2"}}}, {"2", {{"a", std::nullopt}}}});
    ledger.grow({{"3", {{"a", ""}, {"aa", "other"}}}});
    const StateKey key{std::string(kSpace), "a"};
    const auto all = ledger->state()->history(key, {}, 100);
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 4U);
    EXPECT_EQ((*all)[0].value, to_bytes("1"));
    EXPECT_EQ((*all)[1].version, (Version{1, 0}));
    EXPECT_EQ((*all)[2].value, std::nullopt);
    EXPECT_EQ((*all)[3].value, Bytes{});
    EXPECT_EQ(ledger->state()->history(key, {}, 2)->size(), 2U);
    const auto later = ledger->state()->history(key, {1, 1}, 100);
    ASSERT_EQ(later->size(), 2U);
    EXPECT_EQ((*later)[0].version, (Version{1, 1}));
    EXPECT_TRUE(ledger->state()->history({std::string(kSpace), "b"}, {}, 100)->empty());
}

// The proofs of a ledger, checked with crypto's verifiers against its own checkpoints.
TEST(Ledger, EveryTransactionIsProvenAgainstEveryLaterCheckpoint) {
    TemporaryLedger ledger;
    std::vector<Checkpoint> checkpoints;
    std::vector<crypto::Hash> leaves;
    for (int block = 0; block < 6; ++block) {
        std::vector<Entry> entries;
        for (int i = 0; i <= block; ++i) {
            entries.push_back(
                {fmt::format("{}/{}", block, i), {}, i % 2 == 0 ? ValidationCode::VALID : ValidationCode::BAD_PAYLOAD});
            leaves.push_back(
                log_leaf(log_entry(id_of(entries.back().text), entries.back().code, as_bytes(entries.back().text))));
        }
        checkpoints.push_back(ledger.grow(entries).metadata.checkpoint);
        EXPECT_EQ(checkpoints.back().tree_size, leaves.size());
        EXPECT_EQ(checkpoints.back().root, crypto::merkle_root(leaves));
        EXPECT_EQ(ledger->block_header(static_cast<BlockNumber>(block))->metadata.checkpoint.root,
                  checkpoints.back().root);
    }
    for (const auto& checkpoint : checkpoints) {
        for (std::uint64_t leaf = 0; leaf < checkpoint.tree_size; ++leaf) {
            const auto path = ledger->inclusion_path(leaf, checkpoint.tree_size);
            ASSERT_TRUE(path.has_value());
            EXPECT_EQ(crypto::root_from_inclusion(leaves[leaf], leaf, checkpoint.tree_size, *path), checkpoint.root);
            EXPECT_NE(
                crypto::root_from_inclusion(leaves[(leaf + 1) % leaves.size()], leaf, checkpoint.tree_size, *path),
                checkpoint.root);
        }
        for (const auto& later : checkpoints) {
            if (later.tree_size < checkpoint.tree_size) continue;
            const auto path = ledger->consistency_path(checkpoint.tree_size, later.tree_size);
            ASSERT_TRUE(path.has_value());
            EXPECT_TRUE(
                crypto::verify_consistency(checkpoint.tree_size, later.tree_size, *path, checkpoint.root, later.root)
                    .has_value());
        }
    }
    EXPECT_FALSE(ledger->inclusion_path(99, 21).has_value());
}

TEST(Ledger, TheSignerSeesTheCheckpointAndItsSignaturesAreKept) {
    TemporaryLedger ledger;
    auto prepared = ledger.prepare({{{"genesis"}}});
    Checkpoint seen;
    ASSERT_TRUE(ledger
                    .append(prepared,
                            [&](const Checkpoint& checkpoint) {
                                seen = checkpoint;
                                return std::vector<CheckpointSignature>{
                                    {"Org", to_bytes("certificate"), to_bytes("header"), to_bytes("signature")}};
                            })
                    .has_value());
    EXPECT_EQ(seen.channel, "test");
    EXPECT_EQ(seen.block_hash, prepared.block.header.hash());
    EXPECT_EQ(seen.tree_size, 1U);
    const auto kept = ledger->block(0)->metadata.checkpoint.signatures;
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].signature, to_bytes("signature"));
}

// Everything that must be there after the ledger was opened again.
void expect_grown_ledger(Ledger& ledger, const Tip& tip) {
    ASSERT_TRUE(ledger.tip().has_value());
    EXPECT_EQ(ledger.tip()->hash, tip.hash);
    EXPECT_EQ(ledger.tip()->log_size, tip.log_size);
    EXPECT_EQ(ledger.state()->height(), tip.number);
    EXPECT_EQ(ledger.find(id_of("t7"))->value().block, 7U);
    EXPECT_EQ(as_text((*ledger.state()->get({std::string(kSpace), "k7"}))->value), "v7");
    EXPECT_TRUE(ledger.inclusion_path(3, tip.log_size).has_value());
    EXPECT_TRUE(ledger.check_files().has_value());
}

void grow_ten(TemporaryLedger& ledger) {
    for (int i = 0; i < 10; ++i)
        ledger.grow({{fmt::format("t{}", i), {{fmt::format("k{}", i), fmt::format("v{}", i)}}}});
}

TEST(Ledger, OpenedAgainItGoesOnWhereItWasClosed) {
    TemporaryLedger ledger;
    grow_ten(ledger);
    const auto tip = *ledger->tip();
    ledger.close();
    ledger.reopen();
    expect_grown_ledger(*ledger, tip);
    EXPECT_EQ(ledger.grow({{"next"}}).metadata.checkpoint.tree_size, 11U);
}

TEST(Ledger, AProcessThatEndsWithoutClosingLosesNothing) {
    TemporaryLedger ledger;
    grow_ten(ledger);
    const auto tip = *ledger->tip();
    LedgerOptions options;
    options.directory = ledger.directory().parent_path() / "left by a crash";
    copy_as_a_crash_leaves_it(ledger.directory(), options.directory);
    const auto opened = Ledger::open(options);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    expect_grown_ledger(**opened, tip);
}

// A crash while a ledger is made leaves the unfinished one aside.
TEST(Ledger, AnUnfinishedCreationIsBegunAgain) {
    const TemporaryDirectory root;
    std::filesystem::create_directories(root.path() / "ledger.new");
    put_into(root.path() / "ledger.new" / "MANIFEST-000001", as_bytes("torn"));
    TemporaryLedger ledger(root.path() / "ledger");
    EXPECT_EQ(ledger->channel(), "test");
    EXPECT_FALSE(std::filesystem::exists(root.path() / "ledger.new"));
}

TEST(Ledger, OpenedReadOnlyItIsReadAndItsFilesStayAsTheyAre) {
    TemporaryLedger ledger;
    grow_ten(ledger);
    const auto tip = *ledger->tip();
    ledger.close();
    std::map<std::filesystem::path, Bytes> before;
    for (const auto& file : files_below(ledger.directory())) before[file] = bytes_in(file);
    {
        auto opened = ledger.open(true);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        expect_grown_ledger(**opened, tip);
    }
    for (const auto& [file, bytes] : before) EXPECT_EQ(bytes_in(file), bytes) << file;
    EXPECT_EQ(files_below(ledger.directory()).size(), before.size());
}

TEST(Ledger, ASecondOpenerIsRefused) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    EXPECT_EQ(code_of(ledger.open()), Code::locked);
}

TEST(Ledger, CreatingWhereOneIsAlreadyFails) {
    TemporaryLedger ledger;
    ledger.close();
    LedgerOptions options;
    options.directory = ledger.directory();
    options.create = true;
    options.channel = "other";
    EXPECT_EQ(code_of(Ledger::open(options)), Code::already_exists);
    ledger.reopen();
    EXPECT_EQ(ledger->channel(), "test");
}

TEST(Ledger, OpeningWhereThereIsNoneFails) {
    const TemporaryDirectory directory;
    LedgerOptions options;
    options.directory = directory.path() / "ledger";
    EXPECT_EQ(code_of(Ledger::open(options)), Code::not_found);
    std::filesystem::create_directory(options.directory);
    EXPECT_EQ(code_of(Ledger::open(options)), Code::not_found);
}

TEST(Ledger, AllEntriesOfAFamilyAreVisitedInKeyOrder) {
    TemporaryLedger ledger;
    grow_ten(ledger);
    std::size_t count = 0;
    std::string last;
    auto cursor = ledger->entries("state");
    ASSERT_TRUE(cursor.has_value());
    while (*(*cursor)->next()) {
        const std::string key(as_text((*cursor)->key()));
        EXPECT_LT(last, key);
        last = key;
        ++count;
    }
    EXPECT_EQ(count, 10U);
    EXPECT_EQ(code_of(ledger->entries("no such family")), Code::invalid_argument);
}

}  // namespace
}  // namespace tally::storage
