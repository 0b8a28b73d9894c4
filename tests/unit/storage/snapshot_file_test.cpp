#include "storage/snapshot_file.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/random_values.h"
#include "tests/unit/storage/snapshot_bytes.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

StateEntry state_entry(std::string space, std::string key, std::string_view value = "v") {
    return {{std::move(space), std::move(key)}, {3, 1}, to_bytes(value)};
}
LogLeaf leaf(std::uint64_t number) { return {crypto::sha256(as_bytes(std::to_string(number))), {}, {}, number}; }
Block genesis() {
    Block block;
    block.header.channel = "test";
    block.batches = {{to_bytes("configuration")}};
    return block;
}
SnapshotHead head() {
    auto tip = genesis().header;
    tip.number = 3;
    return {genesis().header.hash(), tip};
}

// The parts of a good file, one kind a chunk.
struct Parts {
    Bytes head = chunk_of(1, encode(storage::head()));
    Bytes block = chunk_of(2, encode(genesis()));
    Bytes state = chunk_of(3, joined({encode(state_entry("a", "1")), encode(state_entry("a", "2"))}));
    Bytes log = chunk_of(4, joined({encode(leaf(0)), encode(leaf(1)), encode(leaf(2))}));
    Bytes end = chunk_of(5, encode(SnapshotEnd{1, 2, 3, {}}));

    static Bytes joined(const std::vector<Bytes>& all) {
        Bytes out;
        for (const auto& each : all) append(out, each);
        return out;
    }
};

std::string refusal_of(ByteView file) {
    KeepingVisitor visitor;
    const auto status = read_bytes(file, visitor);
    EXPECT_EQ(code_of(status), Code::malformed);
    return message_of(status);
}

TEST(SnapshotFile, IsWhatTheDescriptionSaysAndIsReadBack) {
    TemporaryDirectory directory;
    const auto path = directory.path() / "it";
    const auto writer = SnapshotWriter::create(path, head()).value();
    ASSERT_TRUE(writer->block(genesis()));
    for (const char* key : {"1", "2"}) ASSERT_TRUE(writer->entry(state_entry("a", key)));
    for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(writer->leaf(leaf(i)));
    EXPECT_FALSE(std::filesystem::exists(path)) << "until it is whole";
    ASSERT_TRUE(writer->end({}));
    const Parts parts;
    EXPECT_EQ(bytes_in(path), snapshot_of({parts.head, parts.block, parts.state, parts.log, parts.end}));
    KeepingVisitor seen;
    std::uint64_t done = 0;
    ASSERT_TRUE(read_snapshot(path, seen, [&](std::uint64_t at, std::uint64_t total) {
        EXPECT_GT(at, done);
        EXPECT_EQ(total, std::filesystem::file_size(path));
        done = at;
    }));
    EXPECT_EQ(done, std::filesystem::file_size(path));
    EXPECT_EQ(seen.heads.size(), 1U);
    EXPECT_EQ(seen.heads[0].tip, head().tip);
    EXPECT_EQ(seen.blocks[0].batches, genesis().batches);
    EXPECT_EQ(seen.entries, (std::vector{state_entry("a", "1"), state_entry("a", "2")}));
    EXPECT_EQ(seen.leaves, (std::vector{leaf(0), leaf(1), leaf(2)}));
    EXPECT_EQ(seen.ends.size(), 1U);
}

TEST(SnapshotFile, AWriterThatDoesNotEndLeavesNothing) {
    TemporaryDirectory directory;
    {
        const auto writer = SnapshotWriter::create(directory.path() / "it", head()).value();
        ASSERT_TRUE(writer->block(genesis()));
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(SnapshotFile, ManyEntriesComeInManyParts) {
    TemporaryDirectory directory;
    const auto path = directory.path() / "it";
    const auto writer = SnapshotWriter::create(path, head()).value();
    ASSERT_TRUE(writer->block(genesis()));
    std::vector<StateEntry> entries;
    for (int i = 0; i < 100; ++i) {
        entries.push_back(state_entry("a", fmt::format("{:03}", i), std::string(i == 50 ? 5'000'000 : 50'000, 'x')));
        ASSERT_TRUE(writer->entry(entries.back()));
    }
    ASSERT_TRUE(writer->leaf(leaf(0)));
    ASSERT_TRUE(writer->end({}));
    KeepingVisitor seen;
    std::size_t parts = 0;
    ASSERT_TRUE(read_snapshot(path, seen, [&](std::uint64_t, std::uint64_t) { ++parts; }));
    EXPECT_EQ(seen.entries, entries);
    EXPECT_GT(parts, 8U) << "one of the values is a part of its own, twenty of the others make another";
    EXPECT_LT(parts, 20U);
}

TEST(SnapshotFile, AnEmptyStateHasNoPart) {
    const Parts parts;
    KeepingVisitor seen;
    const auto end = chunk_of(5, encode(SnapshotEnd{1, 0, 3, {}}));
    EXPECT_TRUE(read_bytes(snapshot_of({parts.head, parts.block, parts.log, end}), seen));
}

TEST(SnapshotFile, PartsInAnotherOrderAreRefused) {
    const Parts p;
    const std::vector<std::vector<Bytes>> orders = {
        {p.block, p.state, p.log, p.end},
        {p.head, p.head, p.block, p.state, p.log, p.end},
        {p.head, p.state, p.log, p.end},
        {p.head, p.block, p.log, p.state, p.end},
        {p.head, p.block, p.state, p.end},
        {p.head, p.block, p.state, p.log, p.state, p.end},
        {p.head, p.block, p.end},
        {p.head, p.log, p.end},
        {p.head, p.block, p.state, p.log, chunk_of(6, p.end)},
        {p.head, p.block, p.state, p.log, chunk_of(0, p.end)},
    };
    for (const auto& order : orders) EXPECT_NE(refusal_of(snapshot_of(order)).find("kind"), std::string::npos);
}

TEST(SnapshotFile, EveryCutIsNoticed) {
    const Parts p;
    const auto file = snapshot_of({p.head, p.block, p.state, p.log, p.end});
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_NE(refusal_of(ByteView(file).first(size)), "") << size;
    }
    auto more = file;
    more.push_back(0);
    EXPECT_NE(refusal_of(more).find("1 bytes follow the end"), std::string::npos);
}

TEST(SnapshotFile, EveryFlippedByteIsNoticed) {
    const Parts p;
    auto file = snapshot_of({p.head, p.block, p.state, p.log, p.end});
    for (auto& byte : file) {
        byte ^= 0x10;
        EXPECT_NE(refusal_of(file), "");
        byte ^= 0x10;
    }
}

// Nine hostile bytes must not make a reader allocate gigabytes, nor wait for them.
TEST(SnapshotFile, LengthsAreCheckedAgainstWhatIsThere) {
    Bytes file = to_bytes("tally-snapshot-1");
    file.push_back(1);
    put_u32(file, 0xffffffff);
    EXPECT_NE(refusal_of(file).find("a part of 4294967295 bytes"), std::string::npos);
    file.resize(17);
    put_u32(file, 60 << 20);
    EXPECT_NE(refusal_of(file).find("it is cut off"), std::string::npos);
    const Parts p;
    EXPECT_NE(refusal_of(snapshot_of({p.head, chunk_of(2, {})})).find("a part of 0 bytes"), std::string::npos);
    EXPECT_EQ(refusal_of(to_bytes("tally-snapshot-2 and more")), "it is not a snapshot");
}

TEST(SnapshotFile, KeysMustAscendInAllPartsTogether) {
    const Parts p;
    const auto with = [&](const std::vector<Bytes>& entries, std::uint64_t count) {
        std::vector<Bytes> chunks{p.head, p.block};
        for (const auto& each : entries) chunks.push_back(chunk_of(3, each));
        chunks.push_back(p.log);
        chunks.push_back(chunk_of(5, encode(SnapshotEnd{1, count, 3, {}})));
        return snapshot_of(chunks);
    };
    KeepingVisitor seen;
    EXPECT_TRUE(read_bytes(with({encode(state_entry("a", "2")), encode(state_entry("ab", "1"))}, 2), seen));
    const std::string ascend = "keys do not ascend";
    EXPECT_NE(refusal_of(with({encode(state_entry("a", "2")), encode(state_entry("a", "2"))}, 2)).find(ascend),
              std::string::npos);
    EXPECT_NE(refusal_of(with({encode(state_entry("a", "2")), encode(state_entry("a", "1"))}, 2)).find(ascend),
              std::string::npos);
    EXPECT_NE(refusal_of(with({encode(state_entry("ab", "1")), encode(state_entry("a", "2"))}, 2)).find(ascend),
              std::string::npos);
    EXPECT_NE(refusal_of(with({encode(state_entry("", "1"))}, 1)).find("no namespace"), std::string::npos);
    EXPECT_NE(refusal_of(with({encode(state_entry(std::string("a\0b", 3), "1"))}, 1)).find("no namespace"),
              std::string::npos);
}

TEST(SnapshotFile, TheCountsAtTheEndMustBeWhatCame) {
    const Parts p;
    for (const auto& end : {SnapshotEnd{2, 2, 3, {}}, {1, 1, 3, {}}, {1, 2, 4, {}}}) {
        EXPECT_NE(refusal_of(snapshot_of({p.head, p.block, p.state, p.log, chunk_of(5, encode(end))})).find("counted"),
                  std::string::npos);
    }
}

TEST(SnapshotFile, WhatIsNotThereIsNotFound) {
    KeepingVisitor seen;
    EXPECT_EQ(code_of(read_snapshot("/nowhere/it", seen, nullptr)), Code::not_found);
}

}  // namespace
}  // namespace tally::storage
