#include "storage/ledger_import.h"

#include <gtest/gtest.h>

#include "storage/ledger_walk.h"
#include "storage/state_digest.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

class Import : public testing::Test {
  protected:
    Import() {
        from.grow({{"genesis", {{"config", "1"}}}});
        from.grow({{"a", {{"x", "1"}, {"y", "1"}}}, {"b", {}, ValidationCode::MVCC_READ_CONFLICT}});
        from.grow({{"c", {{"x", "2"}, {"z", "1"}}}, {"a", {}, ValidationCode::DUPLICATE_TXID}});
        from.grow({{"d", {{"y", std::nullopt}}}});
    }
    // Everything that `from` is at its tip.
    Status copy(LedgerImport& to) {
        crypto::MultisetHash state;
        TRY(to.block(TRY(from->block(0))));
        const auto at_tip = from->state();
        TRY(each_state_entry(*at_tip, [&](const StateEntry& entry) {
            state.add(state_entry_hash(entry.key, entry.version, entry.value));
            return to.entry(entry);
        }));
        TRY(each_log_leaf(*at_tip, [&](const LogLeaf& leaf) { return to.leaf(leaf); }));
        return to.finish(TRY(from->block_header(from->tip()->number)), state);
    }
    std::unique_ptr<Ledger> joined() {
        EXPECT_TRUE(copy(*LedgerImport::begin(directory.path() / "ledger", "test").value()));
        LedgerOptions options;
        options.directory = directory.path() / "ledger";
        return Ledger::open(std::move(options)).value();
    }

    TemporaryLedger from;
    TemporaryDirectory directory;
};

TEST_F(Import, GoesOnLikeTheLedgerThatItIsACopyOf) {
    const auto to = joined();
    EXPECT_EQ(to->channel(), "test");
    EXPECT_EQ(to->tip()->hash, from->tip()->hash);
    EXPECT_EQ(to->first_block(), 4U);
    EXPECT_EQ(to->state()->height(), 3U);
    for (int i = 0; i < 5; ++i) {
        auto next = from.prepare({{{fmt::format("next {}", i), {{"x", std::to_string(i)}, {"z", std::nullopt}}}}});
        auto same = next;
        ASSERT_TRUE(from.append(next));
        ASSERT_TRUE(to->append(same.block, same.ids, same.effects, nullptr));
        const auto& a = next.block.metadata.checkpoint;
        const auto& b = same.block.metadata.checkpoint;
        EXPECT_EQ(a.state, b.state);
        EXPECT_EQ(a.root, b.root);
        EXPECT_EQ(a.tree_size, b.tree_size);
        EXPECT_EQ(a.block_hash, b.block_hash);
    }
    EXPECT_TRUE(to->block(4));
}

TEST_F(Import, HasTheStateAndKnowsEveryTransaction) {
    const auto to = joined();
    for (const char* key : {"config", "x", "y", "z"}) {
        const auto here = to->state()->get({std::string(kSpace), key}).value();
        const auto there = from->state()->get({std::string(kSpace), key}).value();
        ASSERT_EQ(here.has_value(), there.has_value()) << key;
        if (!here) continue;
        EXPECT_EQ(here->value, there->value);
        EXPECT_EQ(here->version, there->version);
    }
    for (const char* text : {"genesis", "a", "b", "c", "d"}) {
        const auto here = to->find(id_of(text)).value();
        const auto there = from->find(id_of(text)).value();
        ASSERT_TRUE(here && there) << text;
        EXPECT_EQ(here->block, there->block);
        EXPECT_EQ(here->index, there->index);
        EXPECT_EQ(here->code, there->code);
        EXPECT_EQ(here->log_index, there->log_index);
    }
    EXPECT_FALSE(to->find(id_of("never")).value());
    for (std::uint64_t size = 1; size <= 6; ++size) {
        for (std::uint64_t old = 0; old <= size; ++old) {
            EXPECT_EQ(to->consistency_path(old, size), from->consistency_path(old, size).value());
        }
        for (std::uint64_t index = 0; index < size; ++index) {
            EXPECT_EQ(to->inclusion_path(index, size), from->inclusion_path(index, size).value());
        }
    }
}

TEST_F(Import, SaysOfWhatItDoesNotHaveThatItIsNotKept) {
    const auto to = joined();
    EXPECT_TRUE(to->block(0)) << "the genesis block is kept whole";
    EXPECT_TRUE(to->block_header(3)) << "the next block links to it";
    for (const std::uint64_t number : {1U, 2U, 3U}) {
        const auto block = to->block(number);
        EXPECT_EQ(code_of(block), Code::not_kept);
        EXPECT_EQ(message_of(block),
                  number == 3 ? "block 3: the transactions before block 4 are not kept on this node"
                              : fmt::format("block {}: the blocks before 4 are not kept on this node, which began with "
                                            "a snapshot",
                                            number));
        EXPECT_EQ(code_of(to->transaction(number, 0)), Code::not_kept);
    }
    EXPECT_EQ(code_of(to->block_header(2)), Code::not_kept);
    EXPECT_EQ(code_of(to->block(4)), Code::not_found) << "which is to come";
    EXPECT_EQ(code_of(to->state()->transaction_bytes(id_of("a"))), Code::not_kept);
    EXPECT_EQ(code_of(to->state()->history({std::string(kSpace), "x"}, {0, 0}, 10)), Code::not_kept);
    EXPECT_TRUE(to->state()->history({std::string(kSpace), "x"}, {4, 0}, 10));
}

TEST_F(Import, WhatIsNotFinishedLeavesNothing) {
    {
        const auto import = LedgerImport::begin(directory.path() / "ledger", "test").value();
        ASSERT_TRUE(import->block(from->block(0).value()));
        EXPECT_FALSE(std::filesystem::exists(directory.path() / "ledger"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    std::filesystem::create_directories(directory.path() / "ledger.new/left by a crash");
    EXPECT_TRUE(joined()->tip());
    EXPECT_EQ(code_of(LedgerImport::begin(directory.path() / "ledger", "test")), Code::already_exists);
}

}  // namespace
}  // namespace tally::storage
