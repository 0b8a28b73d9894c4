#pragma once
// Snapshots of a ledger (storage/snapshot_file.h): made beside a running committer or from a stopped node, looked at,
// and made into the ledger of another node.

#include <atomic>
#include <chrono>

#include "node/ledgers/channel_ledger.h"
#include "node/ledgers/snapshot_check.h"

namespace tally::node {

using SnapshotProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct CreateOptions {
    std::chrono::milliseconds patience{0};                  // for signatures of other organizations
    std::function<void(storage::BlockNumber)> gather = {};  // asks for them and puts them into the ledger
    SnapshotProgress progress;                              // entries and leaves; the total is an estimate
    const std::atomic<bool>* stop = nullptr;
};

// The ledger as it is now, from any thread, beside the committer. unavailable when the checkpoint does not get the
// signatures that the channel's receipt policy asks for, and when told to stop; no file is left then.
[[nodiscard]] Result<storage::BlockNumber> create_snapshot(const storage::Ledger& ledger,
                                                           const std::filesystem::path& file,
                                                           const CreateOptions& options);

// Fails when the file cannot be read as a snapshot; else the facts, with the verdict among them.
[[nodiscard]] Result<SnapshotFacts> inspect_snapshot(const std::filesystem::path& file,
                                                     std::optional<crypto::Hash> genesis,
                                                     const storage::ReadProgress& progress);

// Makes the ledger at `directory` of a snapshot that holds; else the verdict, and nothing is left.
[[nodiscard]] Result<SnapshotFacts> import_snapshot(const std::filesystem::path& directory,
                                                    const std::filesystem::path& file, const storage::Block& genesis,
                                                    const storage::ReadProgress& progress);

// The same for a node's data directory, which must have no ledger and no consensus log yet.
[[nodiscard]] Result<SnapshotFacts> join_with_snapshot(const std::filesystem::path& data,
                                                       const std::filesystem::path& file, const storage::Block& genesis,
                                                       const storage::ReadProgress& progress);

}  // namespace tally::node
