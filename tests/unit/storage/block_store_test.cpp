// Blocks alone: what was appended can be read, follows, and survives an orderly end.

#include "storage/block_store.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

class Store : public testing::Test {
  protected:
    Store() {
        genesis.header.channel = "test";
        genesis.batches = {{to_bytes("configuration")}};
        genesis.header.data_root = data_root({batch_digest(genesis.batches[0])});
    }
    [[nodiscard]] std::unique_ptr<BlockStore> open() {
        auto opened = BlockStore::open(root.path() / "blocks", genesis);
        EXPECT_TRUE(opened.has_value()) << message_of(opened);
        return std::move(*opened);
    }
    [[nodiscard]] static Block next(const BlockStore& store, std::vector<Batch> batches) {
        const auto tip = *store.tip();
        Block block;
        block.header.channel = "test";
        block.header.number = tip.number + 1;
        block.header.previous_hash = tip.hash;
        block.header.time_ms = tip.time_ms + 1;
        block.batches = std::move(batches);
        block.metadata.finality_proof = to_bytes("proof");
        return block;
    }

    TemporaryDirectory root;
    Block genesis;
};

TEST_F(Store, BeginsWithTheGenesisBlock) {
    const auto store = open();
    EXPECT_EQ(store->tip()->number, 0U);
    EXPECT_EQ(store->tip()->hash, genesis.header.hash());
    EXPECT_EQ(store->block(0)->batches, genesis.batches);
}

TEST_F(Store, WhatWasAppendedIsReadAgainAlsoAfterAReopening) {
    std::vector<Block> blocks;
    {
        const auto store = open();
        for (int i = 0; i < 20; ++i) {
            blocks.push_back(next(*store, {{to_bytes("a"), Bytes(i * 100, 7)}, {}, {to_bytes(fmt::format("{}", i))}}));
            ASSERT_TRUE(store->append(blocks.back()).has_value());
        }
        ASSERT_TRUE(store->close().has_value());
    }
    const auto store = open();
    EXPECT_EQ(store->tip()->number, 20U);
    EXPECT_EQ(store->tip()->hash, blocks.back().header.hash());
    for (const auto& block : blocks) {
        const auto read = store->block(block.header.number);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->header, block.header);
        EXPECT_EQ(read->batches, block.batches);
        EXPECT_EQ(read->metadata.finality_proof, to_bytes("proof"));
        EXPECT_TRUE(store->block_header(block.header.number)->batches.empty());
    }
    EXPECT_EQ(code_of(store->block(21)), Code::not_found);
}

TEST_F(Store, ABlockThatDoesNotFollowIsRefusedAndNothingIsWritten) {
    const auto store = open();
    auto gap = next(*store, {});
    ++gap.header.number;
    EXPECT_EQ(code_of(store->append(gap)), Code::corrupt);
    auto stranger = next(*store, {});
    stranger.header.previous_hash.bytes[0] ^= 1;
    EXPECT_EQ(code_of(store->append(stranger)), Code::corrupt);
    EXPECT_EQ(store->tip()->number, 0U);
}

TEST_F(Store, AnotherGenesisBlockIsAnotherChannel) {
    (void)open();
    genesis.header.time_ms = 77;
    EXPECT_EQ(code_of(BlockStore::open(root.path() / "blocks", genesis)), Code::wrong_channel);
}

// A process may be killed after RocksDB has flushed some of what was written, as it does when a buffer is full. What is
// left must be of one moment: the last block's configuration with the last block.
TEST_F(Store, ACrashLeavesNoBlockWithoutItsConfiguration) {
    const auto store = open();
    ASSERT_TRUE(store->append(next(*store, {{to_bytes("sealing")}}), "the second").has_value());
    const auto tables = [&] {
        std::size_t count = 0;
        for (const auto& file : files_below(root.path() / "blocks")) count += file.extension() == ".sst" ? 1 : 0;
        return count;
    };
    const auto before = tables();
    while (tables() == before) ASSERT_TRUE(store->append(next(*store, {{Bytes(4U << 20, 7)}})).has_value());
    // What lies there while a flush is under way may not open; then it is looked at again.
    Result<std::unique_ptr<BlockStore>> left = fail(Code::unavailable, "not yet");
    while (!left || (*left)->tip()->number == 0) {
        left = fail(Code::unavailable, "not yet");
        std::filesystem::remove_all(root.path() / "left");
        copy_as_a_crash_leaves_it(root.path() / "blocks", root.path() / "left");
        left = BlockStore::open(root.path() / "left", genesis);
    }
    const auto configuration = (*left)->configuration();
    ASSERT_TRUE(configuration.has_value());
    EXPECT_EQ(*configuration, "the second") << (*left)->tip()->number;
}

}  // namespace
}  // namespace tally::storage
