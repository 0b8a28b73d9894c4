// Tasks by party: who floods the pool delays and refuses nobody else.

#include "node/threads/fair_tasks.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace tally::node {
namespace {

class SharedPool : public testing::Test {
  protected:
    WorkerPool pool{1, 100};
    FairTasks tasks{pool, {4, 1000}};
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    std::vector<std::string> ran;  // the worker's until it is stopped

    // The only worker waits until it is released.
    void occupy() {
        std::promise<void> began;
        ASSERT_TRUE(tasks.post("occupant", 0, [&] {
            began.set_value();
            released.wait();
        }));
        began.get_future().wait();
    }
    Status post(const std::string& party, std::uint64_t bytes = 1) {
        return tasks.post(party, bytes, [this, party] { ran.push_back(party); });
    }
    static Code refusal(const Status& status) { return status ? Code::internal : status.error().code; }
};

TEST_F(SharedPool, AFloodOfOneIsRefusedAndDelaysNobody) {
    occupy();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(post("flood"));
    EXPECT_EQ(refusal(post("flood")), Code::busy);
    ASSERT_TRUE(post("other"));
    release.set_value();
    pool.stop();
    EXPECT_EQ(ran, (std::vector<std::string>{"flood", "other", "flood", "flood", "flood"}));
}

TEST_F(SharedPool, BytesAreBoundedToo) {
    occupy();
    ASSERT_TRUE(post("a", 5000));  // alone it may be of any size
    EXPECT_EQ(refusal(post("a", 1)), Code::busy);
    ASSERT_TRUE(post("b", 600));
    EXPECT_EQ(refusal(post("b", 600)), Code::busy);
    ASSERT_TRUE(post("b", 400));
    release.set_value();
    pool.stop();
}

TEST_F(SharedPool, AShareComesBackWhenTheTaskHasRun) {
    for (int i = 0; i < 50; ++i) {
        std::promise<void> done;
        Status status;
        do {  // the share of the task before is given back just after its end
            status = tasks.post("a", 1000, [&] { done.set_value(); });
        } while (!status);
        done.get_future().wait();
    }
    pool.stop();
}

TEST_F(SharedPool, AFullPoolRefusesAndForgets) {
    occupy();
    std::size_t taken = 0;
    while (post("party " + std::to_string(taken))) ++taken;
    EXPECT_EQ(taken, 100U);
    release.set_value();
    pool.stop();
    EXPECT_EQ(ran.size(), taken);
    EXPECT_EQ(refusal(post("late")), Code::busy);
}

}  // namespace
}  // namespace tally::node
