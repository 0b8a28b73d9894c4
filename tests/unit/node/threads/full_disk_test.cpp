#include "node/threads/full_disk.h"

#include <gtest/gtest.h>

#include <future>

namespace tally::node {
namespace {

TEST(FullDisk, IsTriedAgainUntilThereIsRoom) {
    FullDisk disk;
    int attempts = 0;
    const auto attempt = [&]() -> Status {
        if (++attempts < 3) return fail(Code::disk_full, "no room");
        EXPECT_TRUE(disk.is_full());
        return {};
    };
    EXPECT_TRUE(disk.write(attempt, "a block"));
    EXPECT_EQ(attempts, 3);
    EXPECT_FALSE(disk.is_full());
}

TEST(FullDisk, IsNotWaitedForOnceTheNodeStops) {
    FullDisk disk;
    std::promise<void> tried;
    bool first = true;
    const auto attempt = [&]() -> Status {
        if (std::exchange(first, false)) tried.set_value();
        return fail(Code::disk_full, "no room");
    };
    auto written = std::async(std::launch::async, [&] { return disk.write(attempt, "a block"); });
    tried.get_future().wait();
    disk.give_up();
    EXPECT_FALSE(written.get());
    EXPECT_FALSE(disk.write(attempt, "a block"));
    EXPECT_TRUE(disk.write([] { return Status(); }, "a block")) << "there is room";
}

}  // namespace
}  // namespace tally::node
