#include "storage/consensus_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

// From the polynomial, bit by bit.
std::uint32_t slow_crc32c(ByteView bytes, std::uint32_t sum) {
    sum = ~sum;
    for (const auto byte : bytes) {
        sum ^= byte;
        for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? 0x82f63b78U : 0U);
    }
    return ~sum;
}

std::string little_endian(std::uint32_t number) {
    return fmt::format("{:02x}{:02x}{:02x}{:02x}", number & 0xff, number >> 8 & 0xff, number >> 16 & 0xff,
                       number >> 24);
}

using Records = std::vector<std::pair<int, std::string>>;

class TemporaryLog : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path directory() const { return root.path() / "log"; }
    [[nodiscard]] std::filesystem::path segment(int number) const {
        return directory() / fmt::format("{:010}.log", number);
    }

    Result<std::unique_ptr<ConsensusLog>> try_open() {
        replayed.clear();
        return ConsensusLog::open({directory(), 64U << 20}, [this](std::uint8_t type, ByteView payload) -> Status {
            replayed.emplace_back(type, std::string(as_text(payload)));
            return {};
        });
    }
    void open() {
        log.reset();
        auto opened = try_open();
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        log = std::move(*opened);
    }
    void write(std::uint8_t type, std::string_view text) {
        log->append(type, {as_bytes(text)});
        ASSERT_TRUE(log->sync().has_value());
    }
    Status inspect(bool strict) {
        return ConsensusLog::inspect(directory(), strict, [](std::uint8_t, ByteView) -> Status { return {}; });
    }

    TemporaryDirectory root;
    Records replayed;
    std::unique_ptr<ConsensusLog> log;
};

// What a killed process leaves: the files as they are now, in another folder.
std::filesystem::path killed(const std::filesystem::path& directory) {
    const auto copy = directory.parent_path() / "killed";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(directory, copy);
    return copy;
}

TEST_F(TemporaryLog, ReplaysEveryRecordInOrder) {
    open();
    EXPECT_TRUE(replayed.empty());
    EXPECT_EQ(log->append(1, {as_bytes("first "), as_bytes("record")}), 1U);
    EXPECT_EQ(log->append(2, {}), 2U);
    EXPECT_EQ(log->append(255, {as_bytes("third")}), 3U);
    EXPECT_EQ(log->synced(), 0U);
    ASSERT_TRUE(log->sync().has_value());
    EXPECT_EQ(log->synced(), 3U);
    open();
    EXPECT_EQ(replayed, (Records{{1, "first record"}, {2, ""}, {255, "third"}}));
    EXPECT_EQ(log->synced(), 3U);
    EXPECT_EQ(log->append(1, {as_bytes("fourth")}), 4U);
}

TEST_F(TemporaryLog, WhatWasNotSyncedIsNotThere) {
    open();
    write(1, "kept");
    log->append(1, {as_bytes("lost")});
    open();
    EXPECT_EQ(replayed, (Records{{1, "kept"}}));
}

TEST_F(TemporaryLog, HasTheBytesThatItsHeaderDescribes) {
    open();
    write(7, "abc");
    const auto bytes = bytes_in(segment(1));
    ASSERT_EQ(bytes.size(), 56U + 24U);
    const auto salt = to_hex(ByteView(bytes).subspan(28, 8));
    struct stat info{};
    ASSERT_EQ(::stat(segment(1).c_str(), &info), 0);
    const auto inode = info.st_ino;
    EXPECT_EQ(0, std::memcmp(bytes.data() + 36, &inode, 8));
    const auto birth = to_hex(ByteView(bytes).subspan(36, 16));
    const auto of_header = slow_crc32c(ByteView(bytes).first(52), 0);
    const auto of_payload = slow_crc32c(as_bytes("abc"), of_header);
    const auto of_record = slow_crc32c(ByteView(bytes).subspan(56, 17), of_header);
    EXPECT_EQ(to_hex(bytes), std::string("54414c4c594c4f47") + "03000000" + "0100000000000000" + "0000000000000000" +
                                 salt + birth + little_endian(of_header) + "03000000" + "3800000000000000" +
                                 little_endian(of_payload) + "07" + little_endian(of_record) + "616263");
}

// What a crash may leave of records that were handed to the kernel and not synced.
TEST_F(TemporaryLog, ATornTailIsCutAtEveryByteAndTheLogGoesOn) {
    open();
    write(1, "whole");
    const auto whole = bytes_in(segment(1)).size();
    log->append(2, {as_bytes("the last record")});
    ASSERT_TRUE(log->write().has_value());
    const auto mark = bytes_in(directory() / "synced");
    const auto full = bytes_in(segment(1));
    for (auto size = whole; size < full.size(); ++size) {
        log.reset();
        put_into(segment(1), ByteView(full).first(size));
        put_into(directory() / "synced", mark);
        EXPECT_EQ(inspect(true).has_value(), size == whole) << size;
        EXPECT_TRUE(inspect(false).has_value()) << size;
        open();
        ASSERT_EQ(replayed, (Records{{1, "whole"}})) << size;
        write(3, "after");
        open();
        ASSERT_EQ(replayed, (Records{{1, "whole"}, {3, "after"}})) << size;
    }
}

TEST_F(TemporaryLog, AnUnsyncedRecordWithAnyBitFlippedIsNotReplayed) {
    open();
    write(1, "whole");
    const auto whole = bytes_in(segment(1)).size();
    log->append(1, {as_bytes("last")});
    ASSERT_TRUE(log->write().has_value());
    const auto mark = bytes_in(directory() / "synced");
    const auto full = bytes_in(segment(1));
    for (auto bit = whole * 8; bit < full.size() * 8; ++bit) {
        log.reset();
        put_into(segment(1), full);
        put_into(directory() / "synced", mark);
        flip_bit(segment(1), bit);
        EXPECT_EQ(code_of(inspect(true)), Code::corrupt) << bit;
        open();
        EXPECT_EQ(replayed, (Records{{1, "whole"}})) << bit;
    }
}

// A vote that was synced may have been sent: a node that forgot it could vote again. Each way to damage the segment.
TEST_F(TemporaryLog, DamageToWhatWasSyncedIsNoTornTail) {
    open();
    write(1, "one");
    write(1, "two");
    const auto last = bytes_in(segment(1)).size();
    write(1, "three");
    const auto copy = killed(directory());
    log.reset();
    const auto full = bytes_in(copy / "0000000001.log");
    const auto damage = [&](const Bytes& bytes, bool with_mark) {
        const auto place = root.path() / "damaged";
        std::filesystem::remove_all(place);
        std::filesystem::copy(copy, place);
        put_into(place / "0000000001.log", bytes);
        if (!with_mark) std::filesystem::remove(place / "synced");
        const auto ignore = [](std::uint8_t, ByteView) -> Status { return {}; };
        const auto seen = ConsensusLog::inspect(place, false, ignore);
        const auto opened = ConsensusLog::open({place, 64U << 20}, ignore);
        EXPECT_EQ(seen.has_value(), opened.has_value());
        return opened ? std::nullopt : std::optional(opened.error().code);
    };
    ASSERT_EQ(damage(full, true), std::nullopt);
    for (std::size_t at = 0; at < full.size(); ++at) {
        auto flipped = full;
        flipped[at] ^= 0x10;
        const Bytes cut(full.begin(), full.begin() + static_cast<std::ptrdiff_t>(at));
        auto zeros = full;
        std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(at), zeros.end(), 0);
        EXPECT_EQ(damage(flipped, true), Code::corrupt) << at;
        EXPECT_EQ(damage(cut, true), Code::corrupt) << at;
        EXPECT_EQ(damage(zeros, true), Code::corrupt) << at;
        // A power loss takes the mark away. Then the records behind say what was synced before them.
        if (at < last) {
            EXPECT_EQ(damage(flipped, false), Code::corrupt) << at;
        }
    }
}

TEST_F(TemporaryLog, AMissingLastSegmentIsNoOlderLog) {
    open();
    write(1, "one");
    ASSERT_TRUE(log->roll(5).has_value());
    write(1, "two");
    const auto copy = killed(directory());
    std::filesystem::remove(copy / "0000000002.log");
    const auto opened = ConsensusLog::open({copy, 64U << 20}, [](std::uint8_t, ByteView) -> Status { return {}; });
    EXPECT_EQ(code_of(opened), Code::corrupt);
    EXPECT_NE(message_of(opened).find("segment 2"), std::string::npos) << message_of(opened);
}

// The mark is no record: without it, or with any byte of it changed, a whole log opens.
TEST_F(TemporaryLog, ADamagedMarkLosesNothing) {
    open();
    write(1, "one");
    log.reset();
    const auto mark = bytes_in(directory() / "synced");
    for (std::size_t bit = 0; bit < mark.size() * 8; ++bit) {
        put_into(directory() / "synced", mark);
        flip_bit(directory() / "synced", bit);
        open();
        ASSERT_EQ(replayed, (Records{{1, "one"}})) << bit;
        log.reset();
    }
}

TEST_F(TemporaryLog, AnyFlippedBitInAnOlderSegmentIsNamedAndTheLogIsNotOpened) {
    open();
    write(1, "one");
    write(1, "two");
    ASSERT_TRUE(log->roll(5).has_value());
    write(1, "three");
    log.reset();
    for (std::size_t bit = 0; bit < bytes_in(segment(1)).size() * 8; ++bit) {
        flip_bit(segment(1), bit);
        const auto opened = try_open();
        EXPECT_EQ(code_of(opened), Code::corrupt) << bit;
        EXPECT_NE(message_of(opened).find(segment(1).string()), std::string::npos);
        EXPECT_EQ(code_of(inspect(false)), Code::corrupt);
        flip_bit(segment(1), bit);
    }
    open();
    EXPECT_EQ(replayed, (Records{{1, "one"}, {1, "two"}, {1, "three"}}));
}

TEST_F(TemporaryLog, AnOlderSegmentThatIsTooShortIsDamage) {
    open();
    write(1, "one");
    ASSERT_TRUE(log->roll(5).has_value());
    log.reset();
    const auto full = bytes_in(segment(1));
    for (std::size_t size = 0; size < full.size(); ++size) {
        put_into(segment(1), ByteView(full).first(size));
        // Cut exactly behind its header it is a whole segment without records: the owner misses the blocks.
        if (size == 56) continue;
        EXPECT_EQ(code_of(try_open()), Code::corrupt) << size;
    }
}

TEST_F(TemporaryLog, AMissingSegmentIsNamed) {
    open();
    write(1, "one");
    ASSERT_TRUE(log->roll(1).has_value());
    write(1, "two");
    ASSERT_TRUE(log->roll(2).has_value());
    log.reset();
    std::filesystem::remove(segment(2));
    const auto opened = try_open();
    EXPECT_EQ(code_of(opened), Code::corrupt);
    EXPECT_NE(message_of(opened).find("segment 2"), std::string::npos);
}

TEST_F(TemporaryLog, ASegmentUnderAnothersNameIsDamage) {
    open();
    write(1, "one");
    ASSERT_TRUE(log->roll(1).has_value());
    log.reset();
    std::filesystem::rename(segment(2), segment(3));
    std::filesystem::copy_file(segment(1), segment(2));
    EXPECT_EQ(code_of(try_open()), Code::corrupt);
}

TEST_F(TemporaryLog, RollsAndReleasesWhatIsSafeElsewhere) {
    open();
    write(1, "1 to 10");
    ASSERT_TRUE(log->roll(10).has_value());
    write(1, "11 to 20");
    ASSERT_TRUE(log->roll(20).has_value());
    write(1, "21 on");
    EXPECT_EQ(log->first_base(), 0U);
    EXPECT_EQ(log->last_base(), 20U);
    ASSERT_TRUE(log->release(9).has_value());
    EXPECT_EQ(log->first_base(), 0U);
    ASSERT_TRUE(log->release(10).has_value());
    EXPECT_EQ(log->first_base(), 10U);
    open();
    EXPECT_EQ(replayed, (Records{{1, "11 to 20"}, {1, "21 on"}}));
    EXPECT_EQ(log->first_base(), 10U);
    ASSERT_TRUE(log->release(1000).has_value());
    EXPECT_EQ(log->first_base(), 20U);
    EXPECT_TRUE(std::filesystem::exists(segment(3)));
    write(1, "more");
    open();
    EXPECT_EQ(replayed, (Records{{1, "21 on"}, {1, "more"}}));
}

TEST_F(TemporaryLog, WhatWasWrittenOutlivesTheProcessAndIsNotCalledDurable) {
    open();
    write(1, "durable");
    log->append(1, {as_bytes("written")});
    EXPECT_GT(log->unsynced_bytes(), 0U);
    ASSERT_TRUE(log->write().has_value());
    log->append(1, {as_bytes("also")});
    ASSERT_TRUE(log->write().has_value());
    EXPECT_EQ(log->synced(), 1U);
    log->append(1, {as_bytes("neither")});
    open();
    EXPECT_EQ(replayed, (Records{{1, "durable"}, {1, "written"}, {1, "also"}}));
    log->append(1, {as_bytes("later")});
    ASSERT_TRUE(log->write().has_value());
    log->append(1, {as_bytes("last")});
    ASSERT_TRUE(log->sync().has_value());
    EXPECT_EQ(log->synced(), 5U);
    EXPECT_EQ(log->unsynced_bytes(), 0U);
    open();
    EXPECT_EQ(replayed.size(), 5U);
    EXPECT_EQ(replayed.back().second, "last");
}

TEST_F(TemporaryLog, RollSyncsWhatWasAppended) {
    open();
    log->append(1, {as_bytes("before")});
    ASSERT_TRUE(log->roll(1).has_value());
    EXPECT_EQ(log->synced(), 1U);
    open();
    EXPECT_EQ(replayed, (Records{{1, "before"}}));
}

TEST_F(TemporaryLog, TellsWhenTheSegmentIsFull) {
    auto opened = ConsensusLog::open({directory(), 100}, [](std::uint8_t, ByteView) -> Status { return {}; });
    ASSERT_TRUE(opened.has_value());
    log = std::move(*opened);
    EXPECT_FALSE(log->segment_is_full());
    write(1, std::string(51, 'x'));
    EXPECT_TRUE(log->segment_is_full());
    ASSERT_TRUE(log->roll(1).has_value());
    EXPECT_FALSE(log->segment_is_full());
}

TEST_F(TemporaryLog, ASegmentIsWrittenOverAReleasedOne) {
    open();
    for (int i = 0; i < 100; ++i) write(1, fmt::format("a record of the first segment, {}", i));
    ASSERT_TRUE(log->roll(10).has_value());
    ASSERT_TRUE(log->release(10).has_value());
    EXPECT_FALSE(std::filesystem::exists(segment(1)));
    const auto size = std::filesystem::file_size(directory() / "spare");
    write(1, "second");
    ASSERT_TRUE(log->roll(20).has_value());
    EXPECT_FALSE(std::filesystem::exists(directory() / "spare"));
    EXPECT_EQ(std::filesystem::file_size(segment(3)), size) << "not cut, so that it need not grow again";
    write(1, "third");
    EXPECT_EQ(std::filesystem::file_size(segment(3)), size);
    EXPECT_EQ(std::filesystem::file_size(segment(2)), 56U + 21 + 6) << "one that has ended has its records only";
    ASSERT_TRUE(log->release(20).has_value());
    log.reset();
    EXPECT_FALSE(std::filesystem::exists(directory() / "spare"));
    EXPECT_EQ(std::filesystem::file_size(segment(3)), 56U + 21 + 5) << "so has one that was closed";
    EXPECT_TRUE(inspect(true).has_value());
    open();
    EXPECT_EQ(replayed, (Records{{1, "third"}}));
}

TEST_F(TemporaryLog, WhatLiesBehindTheRecordsIsNeverReplayed) {
    // Every record of every segment is as long, so that old ones stand where the next one would begin.
    const auto text = [](int segment, int record) { return fmt::format("{} {:02}", segment, record); };
    open();
    for (int number = 1; number <= 4; ++number) {
        const int count = number % 2 == 0 ? 3 : 20;
        Records expected;
        for (int i = 0; i < count; ++i) {
            write(1, text(number, i));
            expected.emplace_back(1, text(number, i));
            const auto copy = killed(directory());
            Records found;
            auto again = ConsensusLog::open({copy, 64U << 20}, [&](std::uint8_t type, ByteView payload) -> Status {
                found.emplace_back(type, std::string(as_text(payload)));
                return {};
            });
            ASSERT_TRUE(again.has_value()) << again.error().message;
            ASSERT_EQ(found, expected) << "of segment " << number;
            (*again)->append(1, {as_bytes("on")});
            ASSERT_TRUE((*again)->sync().has_value());
            again->reset();
            EXPECT_TRUE(ConsensusLog::inspect(copy, true, [](std::uint8_t, ByteView) -> Status { return {}; }));
        }
        ASSERT_TRUE(log->roll(number).has_value());
        ASSERT_TRUE(log->release(number).has_value());
    }
}

// A segment has its name when its header is durable: one without a header is damage, the first one too.
TEST_F(TemporaryLog, ASegmentWithoutItsHeaderIsDamage) {
    open();
    write(1, "1 to 10");
    ASSERT_TRUE(log->roll(10).has_value());
    log.reset();
    std::filesystem::remove(directory() / "synced");
    for (const int number : {2, 1}) {
        auto header = bytes_in(segment(number));
        header.resize(56);
        for (std::size_t size = 0; size < header.size(); ++size) {
            put_into(segment(number), ByteView(header).first(size));
            EXPECT_EQ(code_of(try_open()), Code::corrupt) << size;
        }
        put_into(segment(number), Bytes(header.size(), 0));
        EXPECT_EQ(code_of(try_open()), Code::corrupt);
        std::filesystem::remove(segment(number));
    }
}

// cp -a, tar and rsync make other files; a rename, a restart and a changed time do not.
TEST_F(TemporaryLog, KnowsThatItWasCopied) {
    open();
    EXPECT_FALSE(log->copied());
    write(1, "one");
    open();
    EXPECT_FALSE(log->copied());
    log.reset();
    const auto moved = root.path() / "moved";
    std::filesystem::rename(directory(), moved);
    std::filesystem::rename(moved, directory());
    ASSERT_EQ(::utimensat(AT_FDCWD, segment(1).c_str(), nullptr, 0), 0);
    open();
    EXPECT_FALSE(log->copied());
    log.reset();
    const auto command = fmt::format("cp -a {0} {0}.copy && rm -r {0} && mv {0}.copy {0}", directory().string());
    ASSERT_EQ(std::system(command.c_str()), 0);
    open();
    EXPECT_TRUE(log->copied());
    EXPECT_EQ(replayed, (Records{{1, "one"}}));
    open();
    EXPECT_TRUE(log->copied()) << "as long as nothing was done about it";
    ASSERT_TRUE(log->roll(1).has_value());
    EXPECT_FALSE(log->copied());
    write(1, "two");
    open();
    EXPECT_FALSE(log->copied());
    // A segment that is written over a released one is the old file.
    ASSERT_TRUE(log->roll(2).has_value());
    ASSERT_TRUE(log->release(2).has_value());
    ASSERT_TRUE(log->roll(3).has_value());
    open();
    EXPECT_FALSE(log->copied());
}

TEST_F(TemporaryLog, ACopyIsTrustedWhenItIsSaidAndACopyOfThatIsNot) {
    EXPECT_EQ(code_of(ConsensusLog::trust(directory())), Code::not_found);
    open();
    write(1, "one");
    EXPECT_FALSE(log->trusted());
    log.reset();
    const auto copy = [&] {
        const auto command = fmt::format("cp -a {0} {0}.copy && rm -r {0} && mv {0}.copy {0}", directory().string());
        ASSERT_EQ(std::system(command.c_str()), 0);
    };
    copy();
    ASSERT_TRUE(ConsensusLog::trust(directory()).has_value());
    open();
    EXPECT_TRUE(log->trusted());
    EXPECT_FALSE(log->copied());
    EXPECT_EQ(replayed, (Records{{1, "one"}}));
    log.reset();
    copy();
    open();
    EXPECT_FALSE(log->trusted());
    EXPECT_TRUE(log->copied());
    log.reset();
    ASSERT_TRUE(ConsensusLog::trust(directory()).has_value());
    open();
    ASSERT_TRUE(log->roll(1).has_value());
    EXPECT_FALSE(log->trusted());
    open();
    EXPECT_FALSE(log->trusted()) << "the new segment is the log's own";
    EXPECT_FALSE(log->copied());
}

TEST_F(TemporaryLog, AReplayThatFailsNamesThePlace) {
    open();
    write(1, "one");
    log.reset();
    const auto opened = ConsensusLog::open(
        {directory(), 1U << 20}, [](std::uint8_t, ByteView) -> Status { return fail(Code::corrupt, "not a vote"); });
    EXPECT_EQ(code_of(opened), Code::corrupt);
    EXPECT_NE(message_of(opened).find("0000000001.log at byte 56"), std::string::npos) << message_of(opened);
}

}  // namespace
}  // namespace tally::storage
