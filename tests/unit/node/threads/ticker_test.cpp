#include "node/threads/ticker.h"

#include <gtest/gtest.h>

#include <future>

namespace tally::node {
namespace {

TEST(Ticker, RunsItsTasksInOrderUntilItIsStopped) {
    Ticker ticker("ticker");
    std::promise<void> twice;
    std::vector<int> ran;  // the ticker's thread until stop
    ticker.add([&] { ran.push_back(1); });
    ticker.add([&] {
        ran.push_back(2);
        if (ran.size() == 4) twice.set_value();
    });
    ticker.start();
    twice.get_future().wait();
    ticker.stop();
    ASSERT_GE(ran.size(), 4U);
    for (std::size_t i = 0; i < ran.size(); ++i) EXPECT_EQ(ran[i], 1 + static_cast<int>(i % 2));
}

TEST(Ticker, MayBeStoppedWithoutHavingStarted) {
    Ticker ticker("ticker");
    ticker.stop();
}

}  // namespace
}  // namespace tally::node
