#pragma once
// The format of one segment of the consensus log (consensus_log.h), and how a damaged one is judged. Private to
// storage/.
//
// Header: "TALLYLOG", version u32, segment number u64, base height u64 (the highest block in the segments before it),
// salt u64 (random), birth: inode u64 and creation time u64 (ns) of the file, CRC-32C u32 of these.
// Record: payload length u32, synced u64 (bytes of this segment that were durable when the record was appended),
// CRC-32C u32 of the payload, type u8, CRC-32C u32 of these 17 bytes; then the payload. Both checksums continue the
// header's, so a record of another segment is none of this one.

#include <cstdint>
#include <filesystem>
#include <functional>

#include "crypto/bytes.h"

namespace tally::storage::log_segment {

inline constexpr std::size_t kHeaderBytes = 8 + 4 + 8 + 8 + 8 + 8 + 8 + 4;
inline constexpr std::size_t kRecordHeaderBytes = 4 + 8 + 4 + 1 + 4;

// What a file keeps for its life and no copy of it has: a restart or another name of its device changes neither.
struct Birth {
    std::uint64_t inode = 0;
    std::uint64_t created_ns = 0;  // 0 where the file system does not say

    friend bool operator==(const Birth&, const Birth&) = default;
};
[[nodiscard]] Result<Birth> birth_of(int descriptor);

[[nodiscard]] Bytes make_header(std::uint64_t number, std::uint64_t base_height, std::uint64_t salt, Birth birth);
// The checksums of a segment's records begin with this one.
[[nodiscard]] std::uint32_t seed_of(ByteView header);
void put_record(Bytes& to, std::uint32_t seed, std::uint64_t synced, std::uint8_t type,
                std::initializer_list<ByteView> parts);

struct Contents {
    std::uint64_t base_height = 0;
    std::uint32_t seed = 0;
    std::uint64_t valid_bytes = 0;  // up to the end of the last whole record
    std::uint64_t records = 0;
    bool copied = false;       // the file is not the one that was written
    bool torn = false;         // something that is no record follows
    std::uint64_t synced = 0;  // up to here the segment was durable once, as records after the damage say
};

// Calls `replay` for each whole record in order. corrupt without a valid header: a segment gets its name when its
// header is durable.
[[nodiscard]] Result<Contents> read(const std::filesystem::path& path, std::uint64_t number,
                                    const std::function<Status(std::uint8_t type, ByteView payload)>& replay);

}  // namespace tally::storage::log_segment
