// Damage on disk: whatever bit flips in whatever file of a ledger, it is found and never served as data.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <random>
#include <set>

#include "storage/files.h"
#include "storage/rocks/manifest.h"
#include "storage/seal.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

constexpr int kDamagedBlocks = 12;

std::string key_of(int block, int i) { return fmt::format("key {:02}/{}", block, i); }
std::string value_of(int block, int i) { return fmt::format("value {} of block {}, and some more of it", i, block); }

// Enough to have every kind of file, transactions large enough for blob files among them.
void grow(TemporaryLedger& ledger) {
    for (int block = 0; block < kDamagedBlocks; ++block) {
        std::vector<Entry> entries;
        for (int i = 0; i < 8; ++i) {
            entries.push_back({fmt::format("{}/{} {}", block, i, std::string(i % 2 == 0 ? 900 : 20, 'x')),
                               {{key_of(block, i), value_of(block, i)}}});
        }
        ledger.grow(entries);
    }
}

// Reads everything there is; false where something is not what was written.
Result<bool> is_as_written(const Ledger& ledger) {
    bool right = true;
    const auto state = ledger.state();
    for (int number = 0; number < kDamagedBlocks; ++number) {
        const auto block = TRY(ledger.block(static_cast<BlockNumber>(number)));
        right = right && block.transaction_count() == 8;
        right = right && block.header.data_root == data_root({batch_digest(block.batches.at(0))});
        for (int i = 0; i < 8; ++i) {
            const auto value = TRY(state->get({std::string(kSpace), key_of(number, i)}));
            right = right && value && as_text(value->value) == value_of(number, i);
        }
    }
    for (const char* family : {"blocks", "state", "history", "index", "log", "meta"}) {
        const auto cursor = TRY(ledger.entries(family));
        while (TRY(cursor->next())) {
        }
    }
    return right;
}

enum class Found { nothing = 10, damage, wrong_values, end_of_process };  // nobody else exits with these

// What reading the ledger finds, in a process of its own: Debian's RocksDB has assertions, and damage may end the
// process. The process is this program again, with the test below alone.
Found look(const TemporaryLedger& ledger, bool check_files) {
    ::setenv("TALLY_LOOK_AT", ledger.directory().c_str(), 1);
    ::setenv("TALLY_CHECK_FILES", check_files ? "1" : "0", 1);
    const pid_t child = ::fork();
    if (child == 0) {
        const int nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execl("/proc/self/exe", "storage_test", "--gtest_filter=Look.*", "--gtest_also_run_disabled_tests", nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? static_cast<Found>(WEXITSTATUS(status)) : Found::end_of_process;
}

TEST(Look, DISABLED_AtTheLedgerThatTheEnvironmentNames) {
    const char* const directory = std::getenv("TALLY_LOOK_AT");
    if (directory == nullptr) GTEST_SKIP() << "a part of the tests below";
    LedgerOptions options;
    options.directory = directory;
    options.read_only = true;
    const auto opened = Ledger::open(std::move(options));
    const auto found = [&]() -> Result<bool> {
        if (!opened) return std::unexpected(opened.error());
        if (std::getenv("TALLY_CHECK_FILES")[0] == '1') TRY((*opened)->check_files());
        return is_as_written(**opened);
    }();
    ::_exit(static_cast<int>(!found ? Found::damage : *found ? Found::nothing : Found::wrong_values));
}

// Calls `probe` with a few random bits of each file flipped, one at a time.
void with_flipped_bits(const TemporaryLedger& ledger, const std::function<void(const std::filesystem::path&)>& probe) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    for (const auto& file : files_below(ledger.directory())) {
        for (int i = 0; i < 6; ++i) {
            const auto bit = random() % (std::filesystem::file_size(file) * 8);
            SCOPED_TRACE(fmt::format("seed {}: {} bit {}", seed, file.filename().string(), bit));
            flip_bit(file, bit);
            probe(file);
            flip_bit(file, bit);
        }
    }
    EXPECT_EQ(look(ledger, true), Found::nothing) << "every bit is back";
}

TEST(Damage, AnyFlippedBitInAnyFileOfAClosedLedgerBreaksItsSealAndNothingWrongIsRead) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    ASSERT_TRUE(write_seal(ledger.directory()).has_value());
    with_flipped_bits(ledger, [&](const std::filesystem::path& file) {
        const auto sealed = check_seal(ledger.directory());
        EXPECT_EQ(code_of(sealed), Code::corrupt);
        if (file.filename() != "SEAL") {
            EXPECT_NE(message_of(sealed).find(file.filename().string()), std::string::npos);
        }
        EXPECT_NE(look(ledger, false), Found::wrong_values);
    });
}

std::filesystem::path manifest_of(const TemporaryLedger& ledger) {
    const auto files = files_below(ledger.directory());
    const auto found =
        std::ranges::find_if(files, [](const auto& file) { return file.filename().string().starts_with("MANIFEST"); });
    return found == files.end() ? std::filesystem::path() : *found;
}

// RocksDB takes a record that says it is longer than the file for one that a crash has torn, and goes on without it.
TEST(Damage, OfALengthInTheManifestIsFoundWithoutASeal) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    const auto manifest = manifest_of(ledger);
    const auto text = read_file(manifest).value();
    ASSERT_LT(text.size(), 32768U) << "the records are those of one block of the file";
    int records = 0;
    for (std::size_t at = 0; at + 7 <= text.size(); ++records) {
        for (const std::size_t bit : {39, 42, 46}) {  // 128, 1,024 and 16,384 of the length, low byte first
            SCOPED_TRACE(fmt::format("record at {}, bit {}", at, bit));
            flip_bit(manifest, at * 8 + bit);
            EXPECT_EQ(look(ledger, false), Found::damage);
            flip_bit(manifest, at * 8 + bit);
        }
        at += 7 + static_cast<std::uint8_t>(text[at + 4]) + 256U * static_cast<std::uint8_t>(text[at + 5]);
    }
    EXPECT_GT(records, 10);
}

TEST(Damage, ATornRecordOrAnySizeOfTheManifestIsLeftToRocksDb) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    const auto manifest = manifest_of(ledger);
    std::filesystem::resize_file(manifest, std::filesystem::file_size(manifest) - 3);
    EXPECT_TRUE(rocks::check_manifest(ledger.directory()).has_value());
    std::filesystem::resize_file(manifest, 100U << 20);
    EXPECT_TRUE(rocks::check_manifest(ledger.directory()).has_value());
    std::filesystem::remove(manifest);
    EXPECT_TRUE(rocks::check_manifest(ledger.directory()).has_value());
}

TEST(Damage, AFlippedBitInATableOrBlobIsFoundWithoutASeal) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    std::set<std::string> kinds;
    with_flipped_bits(ledger, [&](const std::filesystem::path& file) {
        if (file.extension() != ".sst" && file.extension() != ".blob") return;
        kinds.insert(file.extension().string());
        const auto found = look(ledger, true);
        EXPECT_TRUE(found == Found::damage || found == Found::end_of_process) << static_cast<int>(found);
    });
    EXPECT_EQ(kinds.size(), 2U) << "the test needs tables and blobs";
}

TEST(Damage, OfAFileIsNamedWithTheFile) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    for (const auto& file : files_below(ledger.directory())) {
        if (file.extension() != ".blob") continue;
        flip_bit(file, std::filesystem::file_size(file) * 4);
        const auto opened = ledger.open(true);
        ASSERT_TRUE(opened.has_value());
        const auto found = (*opened)->check_files();
        EXPECT_EQ(code_of(found), Code::corrupt);
        EXPECT_NE(message_of(found).find("damaged on disk"), std::string::npos);
        EXPECT_NE(message_of(found).find(file.filename().string()), std::string::npos) << message_of(found);
        return;
    }
    FAIL() << "the test needs a blob file";
}

TEST(Damage, AMissingTableIsFound) {
    TemporaryLedger ledger;
    grow(ledger);
    ledger.close();
    for (const auto& file : files_below(ledger.directory())) {
        if (file.extension() != ".sst") continue;
        const auto bytes = bytes_in(file);
        std::filesystem::remove(file);
        EXPECT_EQ(look(ledger, false), Found::damage) << file;
        put_into(file, bytes);
    }
    EXPECT_EQ(look(ledger, true), Found::nothing);
}

TEST(Damage, WithoutCurrentItIsDamagedAndNotEmpty) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    ledger.close();
    std::filesystem::remove(ledger.directory() / "CURRENT");
    EXPECT_EQ(code_of(ledger.open()), Code::corrupt);
}

// A write-ahead log that a crash left behind: whatever bit flips in it, what is served is a ledger of a few blocks
// less, which the consensus log makes up for, or the ledger does not open.
TEST(Damage, AFlippedBitInTheWriteAheadLogNeverGivesAWrongBlock) {
    TemporaryLedger ledger;
    grow(ledger);
    const auto left = ledger.directory().parent_path() / "left by a crash";
    copy_as_a_crash_leaves_it(ledger.directory(), left);
    ledger.close();
    const auto copy = ledger.directory().parent_path() / "copy";
    std::mt19937_64 random(4711);
    for (int i = 0; i < 40; ++i) {
        std::filesystem::remove_all(copy);
        std::filesystem::copy(left, copy);
        std::filesystem::path wal;
        for (const auto& file : files_below(copy)) {
            if (file.extension() == ".log") wal = file;
        }
        ASSERT_FALSE(wal.empty());
        flip_bit(wal, random() % (std::filesystem::file_size(wal) * 8));
        LedgerOptions options;
        options.directory = copy;
        auto opened = Ledger::open(options);
        if (!opened) continue;
        const auto tip = (*opened)->tip();
        for (BlockNumber number = 0; tip && number <= tip->number; ++number) {
            const auto block = (*opened)->block(number);
            ASSERT_TRUE(block.has_value()) << block.error().message;
            EXPECT_EQ(block->header.data_root, data_root({batch_digest(block->batches.at(0))}));
            EXPECT_TRUE(
                (*(*opened)->state()->get({std::string(kSpace), key_of(static_cast<int>(number), 7)})).has_value());
        }
        EXPECT_FALSE((*opened)->block(tip ? tip->number + 1 : 0).has_value());
    }
}

}  // namespace
}  // namespace tally::storage
