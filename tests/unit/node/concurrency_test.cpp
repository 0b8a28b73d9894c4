// Queues, workers, and those who wait.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include "node/committing/waiting.h"
#include "node/endorsing/replay_guard.h"
#include "node/threads/worker_pool.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

TEST(BoundedQueue, KeepsItsOrderAndItsBound) {
    BoundedQueue<int> queue(2);
    EXPECT_TRUE(queue.try_push(1));
    EXPECT_TRUE(queue.push(2));
    EXPECT_FALSE(queue.try_push(3));
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_TRUE(queue.try_push(4));
    EXPECT_EQ(queue.pop_all(std::nullopt), (std::vector{2, 4}));
    EXPECT_EQ(queue.size(), 0U);
}

TEST(BoundedQueue, ClosedItRefusesPushesAndGivesWhatIsLeft) {
    BoundedQueue<int> queue(4);
    EXPECT_TRUE(queue.push(1));
    queue.close();
    EXPECT_TRUE(queue.closed());
    EXPECT_FALSE(queue.push(2));
    EXPECT_FALSE(queue.try_push(2));
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.pop(), std::nullopt);
    EXPECT_TRUE(queue.pop_all(std::nullopt).empty());
}

TEST(BoundedQueue, AWakeEndsOneWait) {
    BoundedQueue<int> queue(4);
    queue.wake();
    EXPECT_TRUE(queue.pop_all(std::nullopt).empty());
    EXPECT_TRUE(queue.push(1));
    EXPECT_EQ(queue.pop_all(std::nullopt).size(), 1U);
}

TEST(BoundedQueue, AWaitEndsAtItsDeadline) {
    BoundedQueue<int> queue(4);
    EXPECT_TRUE(queue.pop_all(std::chrono::steady_clock::now()).empty());
}

TEST(BoundedQueue, CloseEndsThoseWhoWaitAtEitherEnd) {
    BoundedQueue<int> full(1);
    EXPECT_TRUE(full.push(1));
    BoundedQueue<int> empty(1);
    std::thread producer([&] { EXPECT_FALSE(full.push(2)); });
    std::thread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
    full.close();
    empty.close();
    producer.join();
    consumer.join();
}

TEST(BoundedQueue, BetweenManyThreadsNothingIsLostOrDoubled) {
    constexpr int kEach = 5000;
    BoundedQueue<int> queue(8);
    std::vector<std::thread> producers;
    for (int p = 0; p < 3; ++p) {
        producers.emplace_back([&, p] {
            for (int i = 0; i < kEach; ++i) EXPECT_TRUE(queue.push(p * kEach + i));
        });
    }
    std::vector<std::vector<int>> taken(2);
    std::vector<std::thread> consumers;
    for (auto& mine : taken) {
        consumers.emplace_back([&] {
            while (auto item = queue.pop()) mine.push_back(*item);
        });
    }
    for (auto& producer : producers) producer.join();
    queue.close();
    for (auto& consumer : consumers) consumer.join();
    std::set<int> all(taken[0].begin(), taken[0].end());
    all.insert(taken[1].begin(), taken[1].end());
    EXPECT_EQ(all.size(), 3U * kEach);
    EXPECT_EQ(taken[0].size() + taken[1].size(), 3U * kEach);
}

TEST(WorkerPool, RunsWhatWasPostedBeforeItEnds) {
    std::atomic<int> ran{0};
    {
        WorkerPool pool(2, 1000);
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.post([&] { ++ran; }));
    }
    EXPECT_EQ(ran, 500);
}

TEST(WorkerPool, AFullQueueRefuses) {
    std::latch begun(1);
    std::latch go_on(1);
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.post([&] {
        begun.count_down();
        go_on.wait();
    }));
    begun.wait();
    EXPECT_TRUE(pool.post([] {}));
    EXPECT_TRUE(pool.post([] {}));
    EXPECT_FALSE(pool.post([] {}));
    go_on.count_down();
    pool.stop();
    EXPECT_FALSE(pool.post([] {}));
}

TEST(WorkerPool, ForEachRunsEveryIndexOnce) {
    WorkerPool pool(3, 4);
    for (const std::size_t count : {0U, 1U, 2U, 3U, 1000U}) {
        std::vector<std::atomic<int>> ran(count);
        pool.for_each(count, [&](std::size_t i) { ++ran[i]; });
        for (const auto& each : ran) EXPECT_EQ(each, 1);
    }
}

TEST(WorkerPool, ForEachEndsEvenWhenEveryWorkerIsBusyOrWithinOne) {
    std::latch go_on(1);
    WorkerPool pool(1, 4);
    ASSERT_TRUE(pool.post([&] { go_on.wait(); }));
    std::atomic<int> ran{0};
    pool.for_each(50, [&](std::size_t) { ++ran; });
    EXPECT_EQ(ran, 50);
    std::latch done(1);
    ASSERT_TRUE(pool.post([&] {
        pool.for_each(50, [&](std::size_t) { ++ran; });
        done.count_down();
    }));
    go_on.count_down();
    done.wait();
    EXPECT_EQ(ran, 100);
}

storage::TransactionId id(std::string_view text) { return crypto::sha256(as_bytes(text)); }

CommittedBlock block_of(const storage::TransactionId& transaction, storage::ValidationCode code) {
    return {7, 0, {{transaction, code, {}, "\"answer\"", {}}}};
}

TEST(Waiting, EverybodyWhoWaitsForATransactionGetsItsOutcomeOnce) {
    Waiting waiting;
    std::vector<Outcome> outcomes;
    const auto done = [&](const Result<Outcome>& outcome) { outcomes.push_back(outcome.value()); };
    EXPECT_TRUE(waiting.add(id("a"), done, 100)) << "the first is to order it";
    EXPECT_FALSE(waiting.add(id("a"), done, 100)) << "the second waits with the first";
    EXPECT_TRUE(waiting.contains(id("a")));
    waiting.committed(block_of(id("other"), storage::ValidationCode::VALID));
    EXPECT_TRUE(outcomes.empty());
    waiting.committed(block_of(id("a"), storage::ValidationCode::MVCC_READ_CONFLICT));
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(outcomes[0].code, storage::ValidationCode::MVCC_READ_CONFLICT);
    EXPECT_EQ(outcomes[0].block, 7U);
    EXPECT_EQ(outcomes[0].result, "\"answer\"");
    waiting.committed(block_of(id("a"), storage::ValidationCode::VALID));
    EXPECT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(waiting.size(), 0U);
}

TEST(Waiting, WhoWaitsTooLongIsToldToAskForTheStatus) {
    Waiting waiting;
    std::vector<Code> codes;
    const auto done = [&](const Result<Outcome>& outcome) { codes.push_back(outcome.error().code); };
    EXPECT_TRUE(waiting.add(id("a"), done, 100));
    EXPECT_TRUE(waiting.add(id("b"), done, 200));
    waiting.expire(99);
    EXPECT_TRUE(codes.empty());
    waiting.expire(100);
    EXPECT_EQ(codes, std::vector{Code::timeout});
    EXPECT_FALSE(waiting.add(id("b"), done, 300)) << "the later deadline counts";
    waiting.expire(200);
    EXPECT_EQ(codes.size(), 1U);
    waiting.fail_all({Code::unavailable, "stopping"});
    EXPECT_EQ(codes, (std::vector{Code::timeout, Code::unavailable, Code::unavailable}));
}

TEST(Waiting, AnOutcomeMayAskForMore) {
    Waiting waiting;
    bool again = false;
    EXPECT_TRUE(waiting.add(id("a"), [&](const Result<Outcome>&) { again = waiting.add(id("a"), {}, 100); }, 100));
    waiting.resolve(id("a"), Outcome{});
    EXPECT_TRUE(again) << "no lock is held while outcomes are told";
    waiting.resolve(id("unknown"), Outcome{});
}

TEST(ReplayGuard, ANonceIsForOneProposalOfItsCreator) {
    const SmallChannel channel;
    ReplayGuard guard;
    const auto first_bytes = channel.propose("put", "{}");
    const auto first = chaincode::SignedProposal::decode(first_bytes, 1U << 20).value();
    EXPECT_TRUE(guard.admit(first).has_value());
    EXPECT_TRUE(guard.admit(first).has_value()) << "the same proposal again does no harm";
    auto other = first;
    other.id = id("another proposal");
    EXPECT_EQ(storage::code_of(guard.admit(other)), Code::proposal_replayed);
    const auto somebody = channel.organizations[0].issue("somebody", "client");
    other.cose.headers.x5chain[0] = somebody.certificate().der();
    EXPECT_TRUE(guard.admit(other).has_value()) << "another creator's nonce is another nonce";
}

TEST(ReplayGuard, RemembersAtLeastOneGeneration) {
    const SmallChannel channel;
    ReplayGuard guard(20);  // two generations
    const auto bytes = channel.propose("put", "{}");
    auto proposal = chaincode::SignedProposal::decode(bytes, 1U << 20).value();
    const auto admit = [&](std::uint8_t nonce, std::string_view name) {
        proposal.proposal.nonce.fill(nonce);
        proposal.id = id(name);
        return guard.admit(proposal).has_value();
    };
    for (std::uint8_t nonce = 0; nonce < 200; ++nonce) {
        EXPECT_TRUE(admit(nonce, "first"));
        for (std::uint8_t before = nonce < 10 ? 0 : nonce - 9; before <= nonce; ++before)
            EXPECT_FALSE(admit(before, "second"));
    }
    EXPECT_TRUE(admit(0, "second")) << "what is long past is forgotten: memory is bounded";
}

}  // namespace
}  // namespace tally::node
