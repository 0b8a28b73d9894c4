// What pruning leaves of a ledger, and what it says of the rest.

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

// Random-looking, so that a file is as large as what is in it.
std::string large(int number) {
    std::string text = fmt::format("{} ", number);
    auto hash = crypto::sha256(as_bytes(text));
    while (text.size() < 64'000) {
        text += hash.hex();
        hash = crypto::sha256(hash.view());
    }
    return text;
}

class Pruning : public testing::Test {
  protected:
    Pruning() {
        ledger.grow({{"genesis", {{"config", "1"}}}});
        for (int i = 1; i <= 60; ++i)
            ledger.grow({{large(i), {{"x", std::to_string(i)}}}, {fmt::format("small {}", i)}});
    }
    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& file : files_below(ledger.directory())) sum += std::filesystem::file_size(file);
        return sum;
    }
    TemporaryLedger ledger;
};

TEST_F(Pruning, RemovesTransactionsAndKeepsEverythingThatProves) {
    const auto before = ledger->block_header(60)->metadata.checkpoint;
    std::vector<std::vector<crypto::Hash>> paths;
    for (std::uint64_t leaf = 0; leaf < 121; ++leaf) paths.push_back(ledger->inclusion_path(leaf, 121).value());
    ASSERT_TRUE(ledger->prune(40));
    EXPECT_EQ(ledger->first_whole_block(), 40U);
    EXPECT_EQ(ledger->first_block(), 0U);
    for (const std::uint64_t number : {1U, 20U, 39U}) {
        const auto gone = ledger->block(number);
        EXPECT_EQ(code_of(gone), Code::not_kept);
        EXPECT_EQ(message_of(gone),
                  fmt::format("block {}: the transactions before block 40 are not kept on this node", number));
        EXPECT_EQ(code_of(ledger->transaction(number, 1)), Code::not_kept);
        const auto header = ledger->block_header(number);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->metadata.checkpoint.tree_size, 1 + 2 * number);
        const auto id = id_of(fmt::format("small {}", number));
        EXPECT_EQ(ledger->find(id).value()->block, number);
        EXPECT_EQ(code_of(ledger->snapshot()->transaction_bytes(id)), Code::not_kept);
    }
    EXPECT_TRUE(ledger->block(0)) << "the genesis block stays whole";
    for (const std::uint64_t number : {40U, 60U}) EXPECT_TRUE(ledger->block(number));
    EXPECT_EQ(ledger->snapshot()->transaction_bytes(id_of("small 40")), to_bytes("small 40"));
    for (std::uint64_t leaf = 0; leaf < 121; ++leaf) {
        EXPECT_EQ(ledger->inclusion_path(leaf, 121), paths[leaf]);
    }
    EXPECT_EQ(ledger->snapshot()->history({std::string(kSpace), "x"}, {0, 0}, 100)->size(), 60U);
    EXPECT_EQ(ledger.value("x"), "60");
    const auto next = ledger.grow({{"next", {{"x", "61"}}}});
    EXPECT_EQ(next.metadata.checkpoint.tree_size, before.tree_size + 1);
}

TEST_F(Pruning, GoesOnlyForwardAndNotBeyondTheTip) {
    EXPECT_EQ(code_of(ledger->prune(61)), Code::invalid_argument);
    ASSERT_TRUE(ledger->prune(30));
    ASSERT_TRUE(ledger->prune(10));
    EXPECT_EQ(ledger->first_whole_block(), 30U);
    ledger.close();
    ledger.reopen();
    EXPECT_EQ(ledger->first_whole_block(), 30U);
    EXPECT_EQ(code_of(ledger->block(29)), Code::not_kept);
    ASSERT_TRUE(ledger->prune(60));
    EXPECT_EQ(code_of(ledger->block(59)), Code::not_kept);
    EXPECT_TRUE(ledger->block(60));
}

TEST_F(Pruning, GivesTheRoomBack) {
    ledger.close();
    ledger.reopen();
    const auto before = bytes();
    EXPECT_GT(before, 60U * 64'000);
    ASSERT_TRUE(ledger->prune(50));
    ASSERT_TRUE(ledger->reclaim());
    ledger.close();
    EXPECT_LT(bytes(), before / 2);
    ledger.reopen();
    EXPECT_TRUE(ledger->block(55));
}

}  // namespace
}  // namespace tally::storage
