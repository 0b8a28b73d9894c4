#include "node/threads/lifecycle.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::node {
namespace {

class ThreeParts : public testing::Test {
  protected:
    void add(const std::string& name, bool starts = true) {
        life.add(
            [this, name, starts]() -> Status {
                done.push_back("start " + name);
                return starts ? Status() : fail(Code::unavailable, "{}", name);
            },
            [this, name] { done.push_back("stop " + name); });
    }
    Lifecycle life;
    std::vector<std::string> done;
};

TEST_F(ThreeParts, StopInTheReverseOfTheOrderInWhichTheyStarted) {
    add("a");
    life.add_running([this] { done.push_back("stop b"); });
    add("c");
    ASSERT_TRUE(life.start().has_value());
    life.stop();
    life.stop();
    EXPECT_EQ(done, (std::vector<std::string>{"start a", "start c", "stop c", "stop b", "stop a"}));
}

TEST_F(ThreeParts, AfterAFailureOnlyThoseThatWereStartedStop) {
    add("a");
    add("b", false);
    add("c");
    EXPECT_EQ(life.start().error().message, "b");
    life.stop();
    EXPECT_EQ(done, (std::vector<std::string>{"start a", "start b", "stop b", "stop a"}));
}

}  // namespace
}  // namespace tally::node
