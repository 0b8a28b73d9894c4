// What pruning leaves of a ledger, and what it says of the rest.

#include <gtest/gtest.h>

#include <set>

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
        EXPECT_EQ(code_of(ledger->state()->transaction_bytes(id)), Code::not_kept);
    }
    EXPECT_TRUE(ledger->block(0)) << "the genesis block stays whole";
    for (const std::uint64_t number : {40U, 60U}) EXPECT_TRUE(ledger->block(number));
    EXPECT_EQ(ledger->state()->transaction_bytes(id_of("small 40")), to_bytes("small 40"));
    for (std::uint64_t leaf = 0; leaf < 121; ++leaf) {
        EXPECT_EQ(ledger->inclusion_path(leaf, 121), paths[leaf]);
    }
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
    EXPECT_GT(before, 60U * 32'000);
    ASSERT_TRUE(ledger->prune(50));
    ASSERT_TRUE(ledger->reclaim(Reclaim::everything));
    ledger.close();
    EXPECT_LT(bytes(), before / 2);
    ledger.reopen();
    EXPECT_TRUE(ledger->block(55));
}

std::size_t entries_in(const Ledger& ledger, std::string_view family) {
    const auto at = ledger.entries(family).value();
    std::size_t count = 0;
    while (at->next().value()) ++count;
    return count;
}

TEST_F(Pruning, TheHistoryOfPrunedBlocksIsGoneToo) {
    const StateKey key{std::string(kSpace), "x"};
    EXPECT_EQ(ledger->state()->history(key, {0, 0}, 100)->size(), 60U);
    ASSERT_TRUE(ledger->prune(40));
    const auto old = ledger->state()->history(key, {0, 0}, 100);
    EXPECT_EQ(code_of(old), Code::not_kept);
    EXPECT_EQ(message_of(old), "the history before block 40 is not kept on this node");
    EXPECT_EQ(ledger->state()->history(key, {40, 0}, 100)->size(), 21U);
    EXPECT_EQ(entries_in(*ledger, "history"), 61U) << "with the genesis block's";
    ASSERT_TRUE(ledger->reclaim_history());
    EXPECT_EQ(entries_in(*ledger, "history"), 21U);
    EXPECT_EQ(ledger->state()->history(key, {40, 0}, 100)->size(), 21U);
    EXPECT_EQ(ledger.value("x"), "60");
    EXPECT_EQ(ledger.value("config"), "1");
    ledger.close();
    ledger.reopen();
    EXPECT_EQ(code_of(ledger->state()->history(key, {39, 0}, 100)), Code::not_kept);
}

TEST_F(Pruning, SomeNamespacesKeepTheirWholeHistory) {
    const StateKey key{std::string(kSpace), "x"};
    ledger.close();
    LedgerOptions options;
    options.directory = ledger.directory();
    options.spaces_with_whole_history = {std::string(kSpace)};
    const auto opened = Ledger::open(std::move(options)).value();
    ASSERT_TRUE(opened->prune(40));
    ASSERT_TRUE(opened->reclaim_history());
    EXPECT_EQ(opened->state()->history(key, {0, 0}, 100)->size(), 60U);
}

std::uint64_t bytes_beside(const std::set<std::filesystem::path>& before, const TemporaryLedger& ledger) {
    std::uint64_t written = 0;
    for (const auto& file : files_below(ledger.directory())) {
        if (!before.contains(file)) written += std::filesystem::file_size(file);
    }
    return written;
}

// What stays must not be read and written again each time: neither headers, which stay for ever, nor the transactions
// of later blocks.
TEST(PruningALongLedger, WritesNothingAgainThatStays) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis", {}}});
    constexpr int kBlocks = 40;
    for (int i = 1; i <= kBlocks; ++i) {
        auto prepared = ledger.prepare({{{large(i), {}}}});
        prepared.block.metadata.finality_proof = to_bytes(large(-i));
        ASSERT_TRUE(ledger.append(prepared));
    }
    ledger.close();
    ledger.reopen();
    for (const BlockNumber first : {3, 20, kBlocks - 2}) {
        ASSERT_TRUE(ledger->prune(first));
        ASSERT_TRUE(ledger->reclaim(Reclaim::whole_files));
        std::set<std::filesystem::path> before;
        for (const auto& file : files_below(ledger.directory())) before.insert(file);
        ASSERT_TRUE(ledger->prune(first + 1));
        ASSERT_TRUE(ledger->reclaim(Reclaim::whole_files));
        EXPECT_LT(bytes_beside(before, ledger), 64'000U) << "less than a block, of " << kBlocks;
    }
    EXPECT_EQ(ledger->block_header(1)->metadata.finality_proof, to_bytes(large(-1)));
}

TEST(PruningALongLedger, FilesOfPrunedBlocksAloneGo) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis", {}}});
    const auto grow = [&](int from) {
        for (int i = from; i < from + 20; ++i) ledger.grow({{large(i), {}}});
        ledger.close();  // what is written next is in other files
        ledger.reopen();
    };
    const auto bytes = [&] { return bytes_beside({}, ledger); };
    grow(1);
    const auto half = bytes();
    grow(21);
    ASSERT_TRUE(ledger->prune(21));
    ASSERT_TRUE(ledger->reclaim(Reclaim::whole_files));
    ledger.close();
    EXPECT_LT(bytes(), half + 10 * 64'000);
}

CheckpointSignature signature_of(std::string_view who, std::string_view certificate) {
    CheckpointSignature made;
    made.organization = who;
    made.certificate = to_bytes(certificate);
    made.signature = to_bytes(who);
    return made;
}

TEST(Signatures, ArePrunedWithTheirBlocks) {
    TemporaryLedger ledger;
    for (int i = 0; i < 20; ++i) {
        auto prepared = ledger.prepare({{{fmt::format("{}", i), {}}}});
        ASSERT_TRUE(ledger.append(prepared, [](const Checkpoint&) { return std::vector{signature_of("A", "of A")}; }));
    }
    ASSERT_TRUE(ledger->prune(15));
    EXPECT_TRUE(ledger->block_header(14)->metadata.checkpoint.signatures.empty());
    EXPECT_EQ(ledger->block_header(15)->metadata.checkpoint.signatures.size(), 1U);
    EXPECT_EQ(entries_in(*ledger, "signatures"), 6U) << "of blocks 0 and 15 to 19";
}

TEST(Certificates, AreStoredOnce) {
    TemporaryLedger ledger;
    const std::string writer(700, 'w'), committer(700, 'c'), other(700, 'o');
    for (int i = 0; i < 50; ++i) {
        auto prepared = ledger.prepare({{{fmt::format("{}", i), {}}}});
        prepared.block.metadata.writer_certificate = to_bytes(writer);
        ASSERT_TRUE(
            ledger.append(prepared, [&](const Checkpoint&) { return std::vector{signature_of("A", committer)}; }));
        ASSERT_TRUE(ledger->add_signature(prepared.block.header.number, signature_of("B", other)));
        if (i == 25) {
            ledger.close();
            ledger.reopen();
        }
    }
    EXPECT_EQ(entries_in(*ledger, "certificates"), 3U);
    std::size_t bytes = 0;
    for (const auto* family : {"headers", "signatures"}) {
        const auto at = ledger->entries(family).value();
        while (at->next().value()) bytes += at->key().size() + at->value().size();
    }
    EXPECT_LT(bytes, 50U * 700);
    for (const BlockNumber number : {0U, 30U, 49U}) {
        const auto block = ledger->block(number);
        ASSERT_TRUE(block);
        EXPECT_EQ(block->metadata.writer_certificate, to_bytes(writer));
        const auto& signatures = block->metadata.checkpoint.signatures;
        ASSERT_EQ(signatures.size(), 2U);
        std::set<Bytes> found;
        for (const auto& each : signatures) found.insert(each.certificate);
        EXPECT_EQ(found, (std::set{to_bytes(committer), to_bytes(other)}));
    }
}

}  // namespace
}  // namespace tally::storage
