// Orderer and committer together on a directory: what is accepted is committed once, across restarts of every kind.

#include "node/ordering/orderer.h"

#include <gtest/gtest.h>

#include <thread>

#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::TemporaryDirectory;

class OrdererOfChannel : public testing::Test {
  protected:
    TemporaryDirectory root;
    SmallChannel channel;
    std::filesystem::path data = root.path() / "data";

    [[nodiscard]] std::unique_ptr<SmallNode> node() { return std::make_unique<SmallNode>(channel, data); }
    [[nodiscard]] std::unique_ptr<SmallNode> started() {
        auto made = node();
        if (const auto status = made->start(); !status) throw std::runtime_error(status.error().message);
        return made;
    }
    // Log and ledger as a crash at this moment would leave them.
    void copy_ledger(const std::string& name) {
        storage::copy_as_a_crash_leaves_it(ledger_path(data), root.path() / name);
    }
    void put_back_ledger(const std::string& name) {
        std::filesystem::remove_all(ledger_path(data));
        std::filesystem::remove(data / "SEAL");
        std::filesystem::rename(root.path() / name, ledger_path(data));
    }
};

TEST_F(OrdererOfChannel, ThousandsOfTransactionsFromManyThreadsAreCommittedOnceEach) {
    constexpr int kThreads = 3;
    constexpr int kEach = 700;
    std::vector<std::vector<Bytes>> work(kThreads);
    std::map<storage::TransactionId, int> expected;
    for (int t = 0; t < kThreads; ++t) {
        for (int i = 0; i < kEach; ++i) {
            work[t].push_back(channel.put(fmt::format("{}/{}", t, i)));
            expected[SmallChannel::id_of_transaction(work[t].back())] = 1;
        }
    }
    const auto running = started();
    std::vector<std::thread> threads;
    for (auto& mine : work) {
        threads.emplace_back([&] {
            for (auto& transaction : mine) {
                while (!running->submit(transaction)) std::this_thread::yield();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    running->wait_for(kThreads * kEach);
    EXPECT_EQ(running->committed(), expected);
    const auto blocks = running->blocks();
    for (std::size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(blocks[i], i + 1) << "in order, without a gap";
    EXPECT_EQ(running->ledger().tip()->log_size, expected.size() + 1);
    for (const auto& [id, count] : expected) {
        const auto place = running->ledger().find(id);
        ASSERT_TRUE(place.has_value() && place->has_value());
        EXPECT_EQ((*place)->code, storage::ValidationCode::VALID);
    }
    running->stop();
}

TEST_F(OrdererOfChannel, ABlockIsNeverLargerThanTheLimits) {
    channel.config.batch.max_messages = 7;
    const auto running = started();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(running->submit(channel.put(fmt::format("{}", i))).has_value());
    running->wait_for(100);
    for (const auto number : running->blocks()) {
        const auto block = running->ledger().block(number).value();
        for (const auto& batch : block.batches) EXPECT_LE(batch.size(), 7U);
    }
}

TEST_F(OrdererOfChannel, TheBlockCarriesWhoWroteItAndThatItIsFinal) {
    const auto running = started();
    ASSERT_TRUE(running->submit(channel.put("k")).has_value());
    running->wait_for(1);
    const auto block = running->ledger().block(1).value();
    const auto proof = storage::decode<consensus::FinalityProof>(block.metadata.finality_proof, "the proof").value();
    const std::vector members{channel.orderer.key.public_key()};
    EXPECT_EQ(proof.finalization.id, block.header.hash());
    const consensus::Committee committee{"test", 0, consensus::FaultModel::byzantine, {consensus::lane_id(members[0])}};
    EXPECT_TRUE(
        consensus::verify_finality(block.header, proof, committee, consensus::verify_with(members)).has_value());
    EXPECT_EQ(block.metadata.writer_certificate, channel.orderer.certificate().der());
    EXPECT_TRUE(
        members[0].verify(storage::writer_statement(block.header), block.metadata.writer_signature).has_value());
    ASSERT_EQ(block.metadata.checkpoint.signatures.size(), 1U);
    EXPECT_EQ(block.metadata.checkpoint.signatures[0].organization, "A");
}

TEST_F(OrdererOfChannel, StoppingCommitsEverythingThatWasAccepted) {
    const auto running = started();
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(running->submit(channel.put(fmt::format("{}", i))).has_value());
    running->stop();
    EXPECT_EQ(running->committed().size(), 300U);
    const auto again = started();
    EXPECT_EQ(again->ledger().tip()->log_size, 301U);
    EXPECT_TRUE(again->blocks().empty()) << "nothing is delivered twice";
}

TEST_F(OrdererOfChannel, AfterStoppingNothingIsAccepted) {
    const auto running = started();
    running->orderer().stop();
    const auto status = running->submit(channel.put("late"));
    EXPECT_EQ(storage::code_of(status), Code::unavailable);
}

TEST_F(OrdererOfChannel, BlocksThatTheLedgerMissesComeFromTheLog) {
    auto running = started();
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(running->submit(channel.put(fmt::format("before {}", i))).has_value());
        running->wait_for(static_cast<std::size_t>(i) + 1);
    }
    copy_ledger("five");
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(running->submit(channel.put(fmt::format("after {}", i))).has_value());
        running->wait_for(static_cast<std::size_t>(i) + 6);
    }
    const auto tip = *running->ledger().tip();
    running->stop();
    put_back_ledger("five");

    running = started();
    running->wait_for(20);
    EXPECT_EQ(running->ledger().tip()->hash, tip.hash);
    EXPECT_EQ(running->ledger().tip()->log_size, 26U);
    EXPECT_EQ(running->committed().size(), 20U) << "five were there";
    ASSERT_TRUE(running->submit(channel.put("next")).has_value());
    running->wait_for(21);
    EXPECT_EQ(running->ledger().tip()->number, tip.number + 1);
    running->stop();
}

// The same bytes may be ordered twice: the second is a duplicate, and no reason to refuse the log.
TEST_F(OrdererOfChannel, ALogWithOneTransactionInTwoBlocksIsReplayed) {
    auto running = started();
    copy_ledger("empty");
    const auto twice = channel.put("twice");
    for (std::size_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(running->submit(twice).has_value());
        running->wait_for(i);
        if (i == 1) copy_ledger("one");
    }
    const auto tip = *running->ledger().tip();
    EXPECT_EQ(running->ledger().block_header(2)->metadata.codes, std::vector{storage::ValidationCode::DUPLICATE_TXID});
    running->stop();
    for (const char* ledger : {"empty", "one"}) {
        put_back_ledger(ledger);
        running = started();
        running->wait_for(std::string_view(ledger) == "one" ? 2 : 3);
        EXPECT_EQ(running->ledger().tip()->hash, tip.hash);
        running->stop();
    }
}

TEST_F(OrdererOfChannel, ALedgerAheadOfTheLogMeansThatTheLogIsDamaged) {
    auto running = started();
    for (std::size_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(running->submit(channel.put(fmt::format("{}", i))).has_value());
        running->wait_for(i);
    }
    running->stop();
    std::filesystem::remove(data / "SEAL");
    const auto segment = log_path(data) / "0000000001.log";
    std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 1);
    running = node();
    EXPECT_NE(storage::message_of(running->start()).find("damaged, though it was synced"), std::string::npos);
    // Without the mark the log cannot know it, but the ledger does.
    std::filesystem::remove(log_path(data) / "synced");
    running = node();
    const auto status = running->start();
    EXPECT_EQ(storage::code_of(status), Code::corrupt);
    EXPECT_NE(storage::message_of(status).find("the ledger holds block 3, but the consensus log ends at block 2"),
              std::string::npos)
        << storage::message_of(status);
    std::filesystem::remove_all(log_path(data));
    running = node();
    EXPECT_EQ(storage::code_of(running->start()), Code::corrupt);
}

TEST_F(OrdererOfChannel, ALedgerThatWasRemovedIsNotBegunAnew) {
    auto running = started();
    ASSERT_TRUE(running->submit(channel.put("k")).has_value());
    running->wait_for(1);
    running->stop();
    std::filesystem::remove(data / "SEAL");
    std::filesystem::remove_all(ledger_path(data));
    running = node();
    const auto status = running->start();
    EXPECT_EQ(storage::code_of(status), Code::corrupt);
    EXPECT_NE(storage::message_of(status).find("the ledger was removed"), std::string::npos);
}

TEST_F(OrdererOfChannel, ASealedDirectoryThatWasTouchedIsNotOpened) {
    auto running = started();
    running->stop();
    storage::flip_bit(log_path(data) / "0000000001.log", 77);
    running = node();
    const auto status = running->start();
    EXPECT_EQ(storage::code_of(status), Code::corrupt);
    EXPECT_NE(storage::message_of(status).find("log/0000000001.log"), std::string::npos);
}

TEST_F(OrdererOfChannel, ASecondNodeOnTheDirectoryIsRefused) {
    const auto running = started();
    const auto second = node();
    EXPECT_EQ(storage::code_of(second->start()), Code::locked);
    EXPECT_TRUE(running->submit(channel.put("k")).has_value());
    running->wait_for(1);
}

TEST_F(OrdererOfChannel, ALedgerOfAnotherGenesisBlockIsRefused) {
    started()->stop();
    channel.config.proposal_lifetime_ms = 1000;
    EXPECT_EQ(storage::code_of(node()->start()), Code::wrong_channel);
}

// Batches that reached the log before their proposals did: they were accepted, so they are ordered.
TEST_F(OrdererOfChannel, BatchesThatNoBlockHoldsAreOrderedAfterARestart) {
    started()->stop();
    std::filesystem::remove(data / "SEAL");
    {
        auto log = storage::ConsensusLog::open({log_path(data)}, [](std::uint8_t, ByteView) -> Status { return {}; });
        ASSERT_TRUE(log.has_value());
        consensus::BatchHeader header;
        header.lane = consensus::lane_id(channel.orderer.key.public_key());
        for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
            const storage::Batch batch{channel.put(fmt::format("orphan {}", sequence))};
            header.previous = sequence == 1 ? crypto::Hash{} : header.hash();
            header.at = {1, sequence};
            header.digest = storage::batch_digest(batch);
            header.count = 1;
            header.bytes = batch[0].size();
            (*log)->append(static_cast<std::uint8_t>(consensus::RecordType::batch),
                           {storage::encode(consensus::LaneBatch{header, {}, batch})});
        }
        ASSERT_TRUE((*log)->sync().has_value());
    }
    const auto running = started();
    running->wait_for(4);
    EXPECT_EQ(running->committed().size(), 4U);
    running->stop();
}

TEST_F(OrdererOfChannel, SegmentsWhoseBlocksAreSafeInTheLedgerAreReleased) {
    auto running = node();
    running->options.segment_bytes = 20'000;
    ASSERT_TRUE(running->start().has_value());
    for (std::size_t i = 1; i <= 60; ++i) {
        ASSERT_TRUE(running->submit(channel.put(fmt::format("{}", i), std::string(1000, 'x'))).has_value());
        running->wait_for(i);
    }
    const auto tip = *running->ledger().tip();
    // In the background, so soon.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (storage::files_below(log_path(data)).size() > 3 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    running->stop();
    EXPECT_FALSE(std::filesystem::exists(log_path(data) / "0000000001.log"));
    EXPECT_LE(storage::files_below(log_path(data)).size(), 3U);
    running = started();
    EXPECT_EQ(running->ledger().tip()->hash, tip.hash);
    ASSERT_TRUE(running->submit(channel.put("next")).has_value());
    running->wait_for(1);
}

}  // namespace
}  // namespace tally::node
