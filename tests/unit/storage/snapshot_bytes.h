#pragma once
// A snapshot's file put together by hand from docs/formats.md, so that a test can break any rule of the form.

#include <sstream>

#include "crypto/hash.h"
#include "storage/model/archive.h"
#include "storage/snapshot_file.h"

namespace tally::storage {

inline void put_u32(Bytes& to, std::uint32_t number) {
    for (int i = 0; i < 4; ++i) to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

inline Bytes chunk_of(std::uint8_t kind, ByteView payload) {
    Bytes out{kind};
    put_u32(out, static_cast<std::uint32_t>(payload.size()));
    append(out, payload);
    put_u32(out, crypto::crc32c(out));
    return out;
}

inline Bytes snapshot_of(const std::vector<Bytes>& chunks) {
    Bytes out = to_bytes("tally-snapshot-1");
    for (const auto& chunk : chunks) append(out, chunk);
    return out;
}

// Every chunk gets the checksum of what it holds now.
inline Bytes with_checksums(Bytes file) {
    for (std::size_t at = 16; at + 9 <= file.size();) {
        std::uint32_t length = 0;
        std::memcpy(&length, file.data() + at + 1, sizeof length);
        if (length > file.size() - at - 9) break;
        const auto sum = crypto::crc32c(ByteView(file).subspan(at, 5 + length));
        std::memcpy(file.data() + at + 5 + length, &sum, sizeof sum);
        at += 9 + length;
    }
    return file;
}

// Keeps what it is shown.
struct KeepingVisitor : SnapshotVisitor {
    std::vector<SnapshotHead> heads;
    std::vector<Block> blocks;
    std::vector<StateEntry> entries;
    std::vector<LogLeaf> leaves;
    std::vector<SnapshotEnd> ends;

    Status head(const SnapshotHead& head) override { return heads.push_back(head), Status(); }
    Status block(const Block& block) override { return blocks.push_back(block), Status(); }
    Status entry(const StateEntry& entry) override { return entries.push_back(entry), Status(); }
    Status leaf(const LogLeaf& leaf) override { return leaves.push_back(leaf), Status(); }
    Status end(const SnapshotEnd& end) override { return ends.push_back(end), Status(); }
};

inline Status read_bytes(ByteView file, SnapshotVisitor& visitor) {
    std::istringstream in{std::string(as_text(file))};
    return read_snapshot(in, file.size(), "it", visitor, nullptr);
}

}  // namespace tally::storage
