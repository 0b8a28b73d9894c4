#pragma once
// The file of a snapshot: a ledger at one height without its blocks, enough for a node to go on from there.
//
//   "tally-snapshot-1", then chunks: kind(1) length(4) payload(length) CRC-32C of all three(4); integers little-endian
//
// Payloads are in the archive form (storage/model/archive.h), and nothing follows their end. In this order:
//
//   1  head   once         SnapshotHead
//   2  block  once or more a Block, whole: block 0, then the sealing blocks, ascending
//   3  state  any number   StateEntry one after another, in all chunks together strictly ascending by (namespace, key)
//   4  log    once or more LogLeaf one after another: all leaves of the transaction log, in order
//   5  end    once, last   SnapshotEnd: the counts, and the tip's metadata with the signatures of its checkpoint
//
// Nothing in it can be computed from the rest: frontier, set hash and indexes are not there. Reading checks the form
// alone; what the figures are worth is for the reader to judge (node/ledgers/snapshot_check.h).
// Memory: one chunk on both sides. Writers end a chunk at 1 MiB; readers take up to 64 MiB, as one value may be large.
// One thread per object. Failures: malformed with the place in the file, io_error, disk_full, not_found.

#include <filesystem>
#include <functional>
#include <istream>
#include <memory>

#include "storage/model/block.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::storage {

struct SnapshotHead {
    crypto::Hash genesis;  // hash of block 0
    BlockHeader tip;       // of the last block whose effects are in the state

    template <class A>
    void serialize(A& a) {
        a(genesis, tip);
    }
};

struct SnapshotEnd {
    std::uint64_t blocks = 0;  // how many there are in this file
    std::uint64_t entries = 0;
    std::uint64_t leaves = 0;
    BlockMetadata tip;

    template <class A>
    void serialize(A& a) {
        a(blocks, entries, leaves, tip);
    }
};

// Beside and renamed into place by `end`: there is a whole file or none. Calls in the order of the format.
class SnapshotWriter {
  public:
    [[nodiscard]] static Result<std::unique_ptr<SnapshotWriter>> create(const std::filesystem::path& path,
                                                                        const SnapshotHead& head);
    ~SnapshotWriter();  // removes what was not ended
    SnapshotWriter(const SnapshotWriter&) = delete;
    SnapshotWriter& operator=(const SnapshotWriter&) = delete;

    [[nodiscard]] Status block(const Block& block);
    [[nodiscard]] Status entry(const StateEntry& entry);
    [[nodiscard]] Status leaf(const LogLeaf& leaf);
    [[nodiscard]] Status end(const BlockMetadata& tip);

  private:
    struct Impl;
    explicit SnapshotWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// What a file holds, as it is read. Reading ends with the first call that fails.
class SnapshotVisitor {
  public:
    virtual ~SnapshotVisitor() = default;
    [[nodiscard]] virtual Status head(const SnapshotHead& head) = 0;
    [[nodiscard]] virtual Status block(const Block& block) = 0;
    [[nodiscard]] virtual Status entry(const StateEntry& entry) = 0;
    [[nodiscard]] virtual Status leaf(const LogLeaf& leaf) = 0;
    [[nodiscard]] virtual Status end(const SnapshotEnd& end) = 0;
};

using ReadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;  // bytes

[[nodiscard]] Status read_snapshot(const std::filesystem::path& path, SnapshotVisitor& visitor,
                                   const ReadProgress& progress);
// `size` bytes of a stream; `what` names it in errors.
[[nodiscard]] Status read_snapshot(std::istream& in, std::uint64_t size, std::string_view what,
                                   SnapshotVisitor& visitor, const ReadProgress& progress);

}  // namespace tally::storage
