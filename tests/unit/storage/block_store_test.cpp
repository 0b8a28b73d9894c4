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

}  // namespace
}  // namespace tally::storage
