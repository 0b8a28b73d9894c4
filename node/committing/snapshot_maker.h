#pragma once
// Makes snapshots of a running node's ledger, one at a time, on a thread of its own. The newest one stays in `folder`
// until the next is made or the node stops; its client fetches it in parts. Safe from any thread.

#include <atomic>
#include <boost/json/object.hpp>
#include <filesystem>
#include <mutex>
#include <thread>

#include "storage/ledger.h"

namespace tally::node {

class SnapshotMaker {
  public:
    // `gather` asks for other organizations' signatures on one height's checkpoint, and waits for the answers; it may
    // be empty. What an earlier run of the node left in `folder` is removed.
    using Gather = std::function<void(storage::BlockNumber)>;
    SnapshotMaker(const storage::Ledger& ledger, std::filesystem::path folder, Gather gather);
    ~SnapshotMaker();

    // Begins one, unless one is being made: it is that one then. Gives what `status` gives.
    [[nodiscard]] Result<boost::json::object> begin();
    // {"state": none, running, done or failed}; running: done, total; done: block, bytes; failed: code, detail.
    [[nodiscard]] boost::json::object status() const;
    // Bytes of the finished one from `offset` on, at most 4 MiB; empty at its end. not_found when it is not of this
    // block (any more).
    [[nodiscard]] Result<Bytes> part(storage::BlockNumber block, std::uint64_t offset) const;
    void stop();  // waits for the thread and removes the folder

  private:
    void run();

    const storage::Ledger& ledger_;
    std::filesystem::path folder_;
    std::filesystem::path file_;
    Gather gather_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> total_{0};

    mutable std::mutex mutex_;
    bool running_ = false;                              // guarded by mutex_, with what follows
    std::optional<Result<storage::BlockNumber>> made_;  // none: nothing was asked for yet
    std::thread thread_;
};

}  // namespace tally::node
