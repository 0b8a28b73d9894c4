// The auditor's tools: verification finds any damage, rebuilding makes what can be derived again.

#include "node/ledgers/ledger_check.h"

#include <gtest/gtest.h>
#include <memory>
#include <random>

#include "node/committing/pruner.h"
#include "storage/consensus_log.h"
#include "storage/seal.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/node/tampered_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::message_of;

class ClosedLedger : public testing::Test {
  protected:
    ClosedLedger() {
        SmallNode node(channel, data);
        EXPECT_TRUE(node.start().has_value());
        std::size_t count = 0;
        for (int i = 0; i < 8; ++i) {
            for (const auto& transaction : {channel.put(fmt::format("k{}", i), std::string(700, 'x')),
                                            channel.transaction("append", R"({"key":"same","value":"v"})"),
                                            channel.transaction("add", R"({"key":"n","delta":3,"lower_bound":0})")}) {
                EXPECT_TRUE(node.submit(transaction).has_value());
                node.wait_for(++count);
            }
        }
        tip = *node.ledger().tip();
        node.stop();
    }
    [[nodiscard]] Result<LedgerSummary> verify() { return verify_ledger(data, pool, {}); }
    [[nodiscard]] Result<LedgerSummary> rebuild() { return rebuild_ledger(data, pool, {}); }

    storage::TemporaryDirectory root;
    std::filesystem::path data = root.path() / "data";
    SmallChannel channel;
    WorkerPool pool{2, 64};
    storage::Tip tip;
};

TEST_F(ClosedLedger, AnHonestLedgerPassesAndIsSummedUp) {
    std::uint64_t last = 0;
    const auto summary = verify_ledger(data, pool, [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_EQ(total, tip.number + 1);
        EXPECT_EQ(done, last + 1);
        last = done;
    });
    ASSERT_TRUE(summary.has_value()) << summary.error().message;
    EXPECT_EQ(summary->blocks, tip.number + 1);
    EXPECT_EQ(summary->transactions, 25U);
    EXPECT_EQ(summary->valid, 18U) << "seven appends read a note that had changed";
    EXPECT_EQ(summary->tip_hash, tip.hash);
    EXPECT_EQ(last, summary->blocks);
    EXPECT_FALSE(std::filesystem::exists(root.path() / "data.verify")) << "nothing is left beside it";
    EXPECT_EQ(storage::check_seal(data), true) << "verification changes nothing";
}

TEST_F(ClosedLedger, AnyFlippedBitInAnyFileIsFound) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    const auto files = storage::files_below(data);
    for (int i = 0; i < 300; ++i) {
        const auto& file = files[static_cast<std::size_t>(i) % files.size()];
        const auto bit = random() % (std::filesystem::file_size(file) * 8);
        SCOPED_TRACE(fmt::format("seed {}: {} bit {}", seed, std::filesystem::relative(file, data).string(), bit));
        storage::flip_bit(file, bit);
        EXPECT_EQ(code_of(verify()), Code::corrupt);
        storage::flip_bit(file, bit);
    }
    const auto summary = verify();
    EXPECT_TRUE(summary.has_value()) << summary.error().message;
}

TEST_F(ClosedLedger, AMissingFileIsFoundAndNamed) {
    for (const auto& file : storage::files_below(data)) {
        if (file.filename() == "SEAL") continue;
        const auto bytes = storage::bytes_in(file);
        std::filesystem::remove(file);
        const auto found = verify();
        EXPECT_EQ(code_of(found), Code::corrupt);
        EXPECT_NE(message_of(found).find(file.filename().string()), std::string::npos) << message_of(found);
        storage::put_into(file, bytes);
    }
}

TEST_F(ClosedLedger, AStateThatItsBlocksDoNotGiveIsFoundAndRebuilt) {
    const std::string version(12, '\0');
    for (const auto& [key, value] : {std::pair{std::string("notes\0k3", 8), version + "forged"},
                                     {std::string("notes\0k9", 8), version + "added"}}) {
        tamper_with_state(data, key, value);
        EXPECT_EQ(storage::check_seal(data), true);
        const auto found = verify();
        EXPECT_EQ(code_of(found), Code::corrupt);
        EXPECT_NE(message_of(found).find("state: the entry " + to_hex(as_bytes(key))), std::string::npos)
            << message_of(found);
        const auto rebuilt = rebuild();
        ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message;
        EXPECT_TRUE(verify().has_value());
    }
}

TEST_F(ClosedLedger, WhileANodeRunsTheToolsAreRefused) {
    SmallNode node(channel, data);
    ASSERT_TRUE(node.start().has_value());
    EXPECT_EQ(code_of(verify()), Code::locked);
    EXPECT_EQ(code_of(rebuild()), Code::locked);
}

TEST_F(ClosedLedger, WhereThereIsNoneNothingIsVerified) {
    EXPECT_EQ(code_of(verify_ledger(root.path() / "nothing", pool, {})), Code::not_found);
}

TEST_F(ClosedLedger, RebuildingAnHonestLedgerGivesTheSameLedger) {
    const auto rebuilt = rebuild();
    ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->tip_hash, tip.hash);
    EXPECT_TRUE(verify().has_value());
    SmallNode node(channel, data);
    ASSERT_TRUE(node.start().has_value());
    EXPECT_EQ(node.ledger().tip()->hash, tip.hash);
    ASSERT_TRUE(node.submit(channel.put("next")).has_value());
    node.wait_for(1);
}

TEST_F(ClosedLedger, APrunedLedgerIsVerifiedAsFarAsItIsThere) {
    ASSERT_EQ(code_of(prune_channel_ledger(data, tip.number + 1)), Code::invalid_argument);
    const auto before = tip.number - 3;
    ASSERT_EQ(prune_channel_ledger(data, before), 0U);
    EXPECT_EQ(storage::check_seal(data), true);
    const auto found = verify();
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_FALSE(found->recomputed);
    EXPECT_EQ(found->first_whole_block, before);
    EXPECT_EQ(found->tip_hash, tip.hash);
    EXPECT_EQ(found->transactions, 24U) << "those that are gone are counted too, but for the genesis block's";
    EXPECT_EQ(code_of(rebuild()), Code::not_kept);
    SmallNode node(channel, data);
    ASSERT_TRUE(node.start().has_value()) << "the node goes on";
    ASSERT_TRUE(node.submit(channel.put("next")).has_value());
    node.wait_for(1);
    node.stop();
    EXPECT_TRUE(verify().has_value());
    tamper_with_state(data, std::string("notes\0k3", 8), std::string(12, '\0') + "forged");
    EXPECT_EQ(code_of(verify()), Code::corrupt);
}

TEST_F(ClosedLedger, OldTransactionsArePrunedInSteps) {
    storage::LedgerOptions options;
    options.directory = ledger_path(data);
    const auto ledger = storage::Ledger::open(std::move(options)).value();
    const auto time = ledger->block_header(tip.number / 2)->header.time_ms;
    std::size_t rounds = 0;
    Pruner pruner(*ledger, kDay, [&] { ++rounds; });
    ASSERT_TRUE(pruner.round(time + kDay - 1'000'000));
    EXPECT_EQ(ledger->first_whole_block(), 0U) << "none is old enough";
    ASSERT_TRUE(pruner.round(time + kDay));
    const auto kept = ledger->first_whole_block();
    EXPECT_GT(kept, 0U);
    EXPECT_GE(ledger->block_header(kept)->header.time_ms, time);
    EXPECT_LT(ledger->block_header(kept - 1)->header.time_ms, time);
    ASSERT_TRUE(pruner.round(time + 10 * kDay));
    EXPECT_EQ(ledger->first_whole_block(), tip.number) << "the last block stays whole";
    EXPECT_EQ(rounds, 2U) << "whoever holds old snapshots is told when something was pruned";
}

TEST_F(ClosedLedger, ANodeThatCrashedIsVerifiedAndRebuiltToo) {
    {
        SmallNode node(channel, data);
        ASSERT_TRUE(node.start().has_value());
        ASSERT_TRUE(node.submit(channel.put("last")).has_value());
        node.wait_for(1);
        node.stop_without_closing();
    }
    const auto segment = log_path(data) / "0000000001.log";
    auto bytes = storage::bytes_in(segment);
    bytes.insert(bytes.end(), 5, 0x2a);  // a record that was torn
    storage::put_into(segment, bytes);
    const auto before = verify();
    EXPECT_TRUE(before.has_value()) << before.error().message;
    EXPECT_TRUE(rebuild().has_value());
    const auto after = verify();
    EXPECT_TRUE(after.has_value()) << after.error().message;
}

}  // namespace
}  // namespace tally::node
