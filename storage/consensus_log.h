#pragma once
// The flat, append-only, checksummed log that makes agreement durable: batches, votes, certificates. The only file that
// is synced on the hot path.
//
// A log is a folder of segments `0000000001.log`, ... (log_segment.h has their format) and a file `synced`
// (synced_mark.h). After a crash it holds everything up to the last sync and possibly more. What follows the last whole
// record of the last segment is cut off if it was never synced: neither the mark nor a record after it says so. All
// other damage is `corrupt`, because votes that were synced may have been sent.
//
// A file that is overwritten is synced in half the time of one that grows, for a fifth of the CPU: a released segment
// becomes the file `spare`, and the next one is written over it. After the last record of the last segment lies then
// what was there before; the salt keeps anybody from having put a record there that would be taken for one of this
// segment. A segment ends with its last record as soon as the next one begins or the log is closed.
//
// Thread: one (the orderer's). append only collects in memory; write gives it to the kernel, which keeps it when the
// process is killed; sync makes it durable. When the disk is full the log cuts the file back to its last sync, keeps
// what was appended, and fails with disk_full: both may be tried again. Any other failure is io_error, after which the
// log refuses everything: what the kernel has dropped cannot be known.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "crypto/bytes.h"
#include "storage/synced_mark.h"

namespace tally::storage {

struct ConsensusLogOptions {
    std::filesystem::path directory;
    std::uint64_t segment_bytes = 64U << 20;
};

class ConsensusLog {
  public:
    // Called for every record in order.
    using Replay = std::function<Status(std::uint8_t type, ByteView payload)>;

    [[nodiscard]] static Result<std::unique_ptr<ConsensusLog>> open(ConsensusLogOptions options, const Replay& replay);
    ~ConsensusLog();
    ConsensusLog(const ConsensusLog&) = delete;
    ConsensusLog& operator=(const ConsensusLog&) = delete;

    // The position of the record: it is durable once synced() has reached it. Positions count records from 1.
    std::uint64_t append(std::uint8_t type, std::initializer_list<ByteView> parts);
    [[nodiscard]] Status write();
    [[nodiscard]] Status sync();
    // Kept in memory until the next sync.
    [[nodiscard]] std::uint64_t unsynced_bytes() const { return buffer_.size(); }
    [[nodiscard]] std::uint64_t synced() const { return synced_; }
    [[nodiscard]] bool segment_is_full() const;

    // Its last segment was copied or restored here: the log that goes on may have been another one, with votes that are
    // not in this one. True until a new segment begins. What is written over in place, or a disk that is put back as a
    // whole, is not seen.
    [[nodiscard]] bool copied() const { return copied_; }

    // An operator has stated with `trust` that this log is the newest: then it is not copied(). Until a new segment
    // begins.
    [[nodiscard]] bool trusted() const { return trusted_; }
    // Of a log that no process uses: it is the only one, and nothing was written elsewhere since it was copied. A
    // further copy of it is not trusted. not_found where there is no log.
    [[nodiscard]] static Status trust(const std::filesystem::path& directory);

    // Starts a new segment, in the spare file if there is one; `height` is the highest block that the log holds so far.
    // Call it between syncs only.
    [[nodiscard]] Status roll(std::uint64_t height);
    // Deletes the segments whose blocks are all up to `durable_height`: the caller states that these are safe
    // elsewhere.
    [[nodiscard]] Status release(std::uint64_t durable_height);
    // Blocks up to this one may be gone from the log; they must be elsewhere.
    [[nodiscard]] std::uint64_t first_base() const { return bases_.front().second; }
    // The highest block when the newest segment began.
    [[nodiscard]] std::uint64_t last_base() const { return bases_.back().second; }
    [[nodiscard]] std::size_t segments() const { return bases_.size(); }
    // Whether release(durable_height) would delete anything.
    [[nodiscard]] bool may_release(std::uint64_t durable_height) const {
        return bases_.size() > 1 && bases_[1].second <= durable_height;
    }

    // Reads a log without changing it: the records, and corrupt on any damage. A torn tail is damage when `strict`.
    [[nodiscard]] static Status inspect(const std::filesystem::path& directory, bool strict, const Replay& replay);

  private:
    ConsensusLog() = default;
    [[nodiscard]] Status start_segment(std::uint64_t number, std::uint64_t base_height);
    [[nodiscard]] Status cut_behind_records();
    [[nodiscard]] Status give_to_kernel();
    [[nodiscard]] Status make_durable();
    [[nodiscard]] Status judged(Status status);

    ConsensusLogOptions options_;
    SyncedMark mark_;
    int descriptor_ = -1;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> bases_;  // segment number, its base height
    std::uint32_t seed_ = 0;                                      // of the last segment's records
    bool has_spare_ = false;
    bool copied_ = false;
    bool trusted_ = false;
    std::uint64_t file_bytes_ = 0;  // of the last segment
    std::uint64_t durable_bytes_ = 0;
    std::uint64_t appended_ = 0;
    std::uint64_t synced_ = 0;
    bool broken_ = false;
    Bytes buffer_;             // after durable_bytes_
    std::size_t written_ = 0;  // of it
};

}  // namespace tally::storage
