#include "node/ordering/block_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "storage/model/archive.h"

namespace tally::node {
namespace {

using std::chrono::operator""s;
using std::chrono::operator""ms;

// Blocks that prove themselves alone, as many as the test says. Reading one can be made to wait.
class Blocks : public storage::Chain {
  public:
    std::optional<storage::Tip> tip() const override { return storage::Tip{height.load(), {}, 0, 0, 0, 0}; }
    Result<storage::Block> block(storage::BlockNumber number) const override {
        ++reading;
        while (stuck) std::this_thread::sleep_for(1ms);
        return block_header(number);
    }
    Result<storage::Block> block_header(storage::BlockNumber number) const override {
        storage::Block block;
        block.header.number = number;
        block.metadata.finality_proof = storage::encode(consensus::FinalityProof{});
        return block;
    }
    Status sync() override { return {}; }

    std::atomic<storage::BlockNumber> height{10};
    std::atomic<bool> stuck{false};
    mutable std::atomic<int> reading{0};
};

bool within(std::chrono::milliseconds time, const std::function<bool()>& condition) {
    for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) {
        if (condition()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return condition();
}

class Server : public ::testing::Test {
  protected:
    [[nodiscard]] std::vector<storage::BlockNumber> given(consensus::Member to) {
        const std::lock_guard lock(mutex);
        return answers[to];
    }
    Blocks blocks;
    std::mutex mutex;
    std::map<consensus::Member, std::vector<storage::BlockNumber>> answers;  // guarded by mutex: where each begins
    BlockServer server{blocks, [this](consensus::Member to, const consensus::FetchedBlocks& answer) {
                           const std::lock_guard lock(mutex);
                           answers[to].push_back(answer.blocks.front().header.number);
                       }};
};

TEST_F(Server, WhoAsksDoesNotWaitForItsReading) {
    blocks.stuck = true;
    server.add({1, 3}, false);
    EXPECT_TRUE(within(5s, [&] { return blocks.reading > 0; }));
    server.add({2, 4}, false);  // returns, as do these, while the first answer is still being read
    server.applied();
    EXPECT_TRUE(given(1).empty());
    blocks.stuck = false;
    EXPECT_TRUE(within(5s, [&] { return given(1).size() == 1 && given(2).size() == 1; }));
    EXPECT_EQ(given(1).front(), 3U);
    EXPECT_EQ(given(2).front(), 4U);
}

TEST_F(Server, OnlyWhoIsPatientIsAnsweredWhenTheBlockComes) {
    server.add({1, 11}, false);
    server.add({2, 11}, true);
    std::this_thread::sleep_for(50ms);
    blocks.height = 11;
    server.applied();
    EXPECT_TRUE(within(5s, [&] { return given(2).size() == 1; }));
    EXPECT_TRUE(given(1).empty());
}

TEST_F(Server, ForgetsWhoAskedWhenMembersAreNumberedAnew) {
    server.add({2, 11}, true);
    server.clear();
    blocks.height = 11;
    server.applied();
    server.add({3, 11}, false);
    EXPECT_TRUE(within(5s, [&] { return given(3).size() == 1; }));
    EXPECT_TRUE(given(2).empty());
}

}  // namespace
}  // namespace tally::node
