// A process without descriptors: the log waits as on a full disk, and goes on when there are some again.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "storage/consensus_log.h"
#include "storage/files.h"
#include "tests/unit/storage/temporary_directory.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

// While it lives this process can open nothing.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto none = before_;
        const int next = ::dup(0);
        ::close(next);
        none.rlim_cur = static_cast<rlim_t>(next);
        ::setrlimit(RLIMIT_NOFILE, &none);
        for (int taken = ::dup(0); taken >= 0; taken = ::dup(0)) taken_.push_back(taken);
    }
    ~NoDescriptors() {
        for (const auto descriptor : taken_) ::close(descriptor);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST(Descriptors, APartOfTheLogThatCannotBeginLeavesTheOldOneInUse) {
    TemporaryDirectory root;
    auto log =
        ConsensusLog::open({root.path() / "log", 64U << 20}, [](std::uint8_t, ByteView) -> Status { return {}; });
    ASSERT_TRUE(log.has_value());
    {
        const NoDescriptors none;
        EXPECT_EQ(code_of((*log)->roll(1)), Code::disk_full);
        EXPECT_EQ(code_of(write_file(root.path() / "file", as_bytes("text"))), Code::disk_full);
        (*log)->append(1, {as_bytes("still here")});
        EXPECT_TRUE((*log)->sync().has_value());
    }
    EXPECT_TRUE((*log)->roll(1).has_value());
    EXPECT_EQ((*log)->segments(), 2U);
}

TEST(Descriptors, WhatPassesByWaitingIsNoFailureOfTheDisk) {
    for (const int reason : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM}) EXPECT_EQ(code_of_errno(reason), Code::disk_full);
    EXPECT_EQ(code_of_errno(EIO), Code::io_error);
    EXPECT_EQ(code_of_errno(ENOENT), Code::not_found);
}

}  // namespace
}  // namespace tally::storage
