#include "storage/state_digest.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

crypto::Hash digest_of(const std::vector<std::pair<std::string, std::pair<Version, std::string>>>& entries) {
    crypto::MultisetHash hash;
    for (const auto& [key, entry] : entries) {
        hash.add(state_entry_hash({std::string(kSpace), key}, entry.first, as_bytes(entry.second)));
    }
    return hash.digest();
}

// Computed with python3 (hashlib, struct) from docs/formats.md.
TEST(StateDigest, AnEntryIsHashedInItsArchiveForm) {
    EXPECT_EQ(state_entry_hash({"meters", std::string("a\0b", 3)}, {7, 3}, as_bytes("value")).hex(),
              "0cc5271e5a58609b56e576f4e42c226b2a3e731d7d520778cdccaf4f3eba8395");
}

TEST(StateDigest, NoPartOfAnEntryCanMoveIntoAnother) {
    const auto hash = state_entry_hash({"ab", "c"}, {1, 2}, as_bytes("d"));
    EXPECT_NE(hash, state_entry_hash({"a", "bc"}, {1, 2}, as_bytes("d")));
    EXPECT_NE(hash, state_entry_hash({"ab", "cd"}, {1, 2}, as_bytes("")));
    EXPECT_NE(hash, state_entry_hash({"ab", "c"}, {2, 1}, as_bytes("d")));
    EXPECT_NE(hash, state_entry_hash({"ab", "c"}, {1, 3}, as_bytes("d")));
}

// The state after these blocks, and its digest, written down by hand and computed in Python.
TEST(StateDigest, ACheckpointHasTheDigestOfTheStateThatItsBlockLeaves) {
    TemporaryLedger ledger;
    EXPECT_EQ(ledger.grow({{"genesis"}}).metadata.checkpoint.state, crypto::MultisetHash().digest());
    ledger.grow({{"1", {{"a", "1"}, {"b", "1"}}}, {"2", {{"c", "1"}}}});
    const auto block = ledger.grow({{"3", {{"a", "2"}, {"b", std::nullopt}, {"a", "3"}}}, {"4", {{"d", ""}}}});
    EXPECT_EQ(block.metadata.checkpoint.state.hex(),
              "fbbc73b4741f32956f66556d80c5ed26e928efadd752710703c7edf4fbb91e88");
    EXPECT_EQ(ledger->block_header(2)->metadata.checkpoint.state, block.metadata.checkpoint.state);
    EXPECT_EQ(block.metadata.checkpoint.state,
              digest_of({{"d", {{2, 1}, ""}}, {"a", {{2, 0}, "3"}}, {"c", {{1, 1}, "1"}}}));
}

TEST(StateDigest, AKeyThatComesAndGoesInOneBlockLeavesNoTrace) {
    TemporaryLedger ledger;
    const auto before = ledger.grow({{"genesis", {{"kept", "1"}}}}).metadata.checkpoint.state;
    const auto after = ledger.grow({{"1", {{"x", "1"}}}, {"2", {{"x", "2"}}}, {"3", {{"x", std::nullopt}}}});
    EXPECT_EQ(after.metadata.checkpoint.state, before);
    const auto again = ledger.grow({{"4", {{"never", std::nullopt}}}});
    EXPECT_EQ(again.metadata.checkpoint.state, before) << "deleting what is not there changes nothing";
}

TEST(StateDigest, GoesOnAfterARestart) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis", {{"a", "1"}, {"b", "1"}}}});
    ledger.close();
    ledger.reopen();
    const auto block = ledger.grow({{"1", {{"b", "2"}}}});
    EXPECT_EQ(block.metadata.checkpoint.state, digest_of({{"a", {{0, 0}, "1"}}, {"b", {{1, 0}, "2"}}}));
}

}  // namespace
}  // namespace tally::storage
