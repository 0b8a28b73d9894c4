#include "storage/apply.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

using enum ValidationCode;
using Codes = std::vector<ValidationCode>;

// One transaction under construction: what it saw and what it wants.
struct Tx {
    CheckedTransaction checked;

    explicit Tx(std::string_view id) { checked.id = crypto::sha256(as_bytes(id)); }
    Tx& code(ValidationCode value) { return checked.code = value, *this; }
    Tx& saw(std::string_view key, std::optional<Version> version) {
        set().reads.push_back({{"s", std::string(key)}, version});
        return *this;
    }
    Tx& saw_range(std::string_view start, std::string_view end,
                  const std::vector<std::pair<std::string, Version>>& seen) {
        // Each entry: key length u32, block u64, transaction u32, key; SHA-256 over all.
        Bytes bytes;
        for (const auto& [key, version] : seen) {
            const auto size = static_cast<std::uint32_t>(key.size());
            append(bytes, {reinterpret_cast<const std::uint8_t*>(&size), 4});
            append(bytes, {reinterpret_cast<const std::uint8_t*>(&version.block), 8});
            append(bytes, {reinterpret_cast<const std::uint8_t*>(&version.transaction), 4});
            append(bytes, as_bytes(key));
        }
        set().range_reads.push_back({"s", std::string(start), std::string(end), crypto::sha256(bytes)});
        return *this;
    }
    Tx& put(std::string_view key, std::string_view value) {
        set().writes.push_back({{"s", std::string(key)}, to_bytes(value)});
        return *this;
    }
    Tx& erase(std::string_view key) {
        set().writes.push_back({{"s", std::string(key)}, std::nullopt});
        return *this;
    }
    Tx& add(std::string_view key, std::int64_t delta, std::int64_t bound = INT64_MIN) {
        set().increments.push_back({{"s", std::string(key)}, delta, bound});
        return *this;
    }

  private:
    ReadWriteSet& set() { return checked.simulation.read_write_set; }
};

// Block 5 on a state: each transaction alone against the state before, then all in order. The codes, and the state as
// the updates leave it.
class ApplyBlock : public testing::Test {
  protected:
    MapState state;
    BlockEffects effects;

    Codes apply(const std::vector<Tx>& transactions) {
        std::vector<CheckedTransaction> checked;
        for (const auto& transaction : transactions) {
            auto& each = checked.emplace_back(transaction.checked);
            const auto reads = check_reads(each.simulation.read_write_set, state);
            EXPECT_TRUE(reads.has_value());
            if (each.code == VALID) each.code = *reads;
        }
        auto result = apply_block(5, checked, state);
        EXPECT_TRUE(result.has_value());
        effects = std::move(*result);
        return effects.codes;
    }
    std::string after(std::string_view key) const {
        std::string out = "(unchanged)";
        for (const auto& update : effects.updates) {
            if (update.key == StateKey{"s", std::string(key)})
                out = update.value ? as_text(*update.value) : "(deleted)";
        }
        return out;
    }
};

TEST_F(ApplyBlock, AReadOfTheCurrentVersionHolds) {
    state.set("a", "1", {3, 2});
    EXPECT_EQ(apply({Tx("t").saw("a", Version{3, 2}).put("a", "2")}), Codes{VALID});
    EXPECT_EQ(after("a"), "2");
    EXPECT_EQ(effects.updates.at(0).version, (Version{5, 0}));
}

TEST_F(ApplyBlock, AReadOfAnotherVersionConflicts) {
    state.set("a", "1", {3, 2});
    EXPECT_EQ(apply({Tx("1").saw("a", Version{3, 1}).put("b", "x")}), Codes{MVCC_READ_CONFLICT});
    EXPECT_EQ(apply({Tx("2").saw("a", Version{2, 2}).put("b", "x")}), Codes{MVCC_READ_CONFLICT});
    EXPECT_EQ(apply({Tx("3").saw("a", std::nullopt).put("b", "x")}), Codes{MVCC_READ_CONFLICT});
    EXPECT_EQ(apply({Tx("4").saw("missing", Version{1, 0}).put("b", "x")}), Codes{MVCC_READ_CONFLICT});
    EXPECT_EQ(after("b"), "(unchanged)");
}

TEST_F(ApplyBlock, TheSecondOfTwoThatReadAndWriteOneKeyConflicts) {
    state.set("a", "1", {3, 2});
    EXPECT_EQ(apply({Tx("1").saw("a", Version{3, 2}).put("a", "2"), Tx("2").saw("a", Version{3, 2}).put("a", "3")}),
              (Codes{VALID, MVCC_READ_CONFLICT}));
    EXPECT_EQ(after("a"), "2");
}

TEST_F(ApplyBlock, AKeyCreatedOrDeletedInTheBlockConflictsWithWhoSawItOtherwise) {
    state.set("old", "1", {3, 0});
    EXPECT_EQ(apply({Tx("1").put("new", "x").erase("old"), Tx("2").saw("new", std::nullopt).put("p", "x"),
                     Tx("3").saw("old", Version{3, 0}).put("q", "x"), Tx("4").saw("new", Version{5, 0}).put("r", "x"),
                     Tx("5").saw("old", std::nullopt).put("r", "x")}),
              (Codes{VALID, MVCC_READ_CONFLICT, MVCC_READ_CONFLICT, MVCC_READ_CONFLICT, MVCC_READ_CONFLICT}))
        << "what an earlier transaction of the block did cannot have been seen by anybody";
    EXPECT_EQ(after("old"), "(deleted)");
}

TEST_F(ApplyBlock, AKeyThatIsAbsentPresentAndAbsentAgainInTheBlockIsAsItWas) {
    EXPECT_EQ(apply({Tx("1").put("k", "x"), Tx("2").erase("k"), Tx("3").saw("k", std::nullopt).put("z", "1")}),
              (Codes{VALID, VALID, VALID}));
}

TEST_F(ApplyBlock, ARangeThatIsAsItWasHolds) {
    state.set("a", "1", {1, 0});
    state.set("b", "2", {2, 7});
    state.set("c", "3", {3, 0});
    EXPECT_EQ(apply({Tx("1").saw_range("a", "c", {{"a", {1, 0}}, {"b", {2, 7}}}).put("x", "1")}), Codes{VALID});
    EXPECT_EQ(apply({Tx("2").saw_range("b", "", {{"b", {2, 7}}, {"c", {3, 0}}}).put("b1", "1")}), Codes{VALID});
    EXPECT_EQ(apply({Tx("3").saw_range("d", "e", {}).put("x", "1")}), Codes{VALID});
}

TEST_F(ApplyBlock, ARangeThatGainedLostOrChangedAKeyOnTheLedgerIsAPhantom) {
    state.set("a", "1", {1, 0});
    state.set("b", "2", {2, 7});
    EXPECT_EQ(apply({Tx("1").saw_range("a", "c", {{"a", {1, 0}}}).put("x", "1")}), Codes{PHANTOM_READ_CONFLICT});
    EXPECT_EQ(apply({Tx("2").saw_range("a", "c", {{"a", {1, 0}}, {"b", {2, 6}}}).put("x", "1")}),
              Codes{PHANTOM_READ_CONFLICT});
    EXPECT_EQ(apply({Tx("3").saw_range("a", "c", {{"a", {1, 0}}, {"aa", {1, 1}}, {"b", {2, 7}}}).put("x", "1")}),
              Codes{PHANTOM_READ_CONFLICT});
}

TEST_F(ApplyBlock, ARangeThatTheBlockItselfChangedIsAPhantom) {
    state.set("b", "2", {2, 7});
    state.set("d", "4", {2, 8});
    const std::vector<std::pair<std::string, Version>> seen{{"b", {2, 7}}, {"d", {2, 8}}};
    const auto reader = [&](std::string_view id) { return Tx(id).saw_range("a", "e", seen).put("z", "1"); };
    EXPECT_EQ(apply({Tx("i").put("c", "new"), reader("1")}), (Codes{VALID, PHANTOM_READ_CONFLICT}));
    EXPECT_EQ(apply({Tx("i").put("a", "first"), reader("1")}), (Codes{VALID, PHANTOM_READ_CONFLICT}));
    EXPECT_EQ(apply({Tx("i").put("dd", "last"), reader("1")}), (Codes{VALID, PHANTOM_READ_CONFLICT}));
    EXPECT_EQ(apply({Tx("d").erase("b"), reader("1")}), (Codes{VALID, PHANTOM_READ_CONFLICT}));
    EXPECT_EQ(apply({Tx("c").put("d", "other"), reader("1")}), (Codes{VALID, PHANTOM_READ_CONFLICT}));
    EXPECT_EQ(apply({Tx("o").put("e", "outside").put("0", "outside"), reader("1")}), (Codes{VALID, VALID}));
    EXPECT_EQ(apply({Tx("x").put("c", "new"), Tx("y").erase("c"), reader("1")}), (Codes{VALID, VALID, VALID}));
}

TEST_F(ApplyBlock, NobodyHasSeenARangeAsTheBlockItselfLeavesIt) {
    state.set("b", "2", {2, 7});
    EXPECT_EQ(apply({Tx("1").put("a", "x").put("c", "y"),
                     Tx("2").saw_range("a", "", {{"a", {5, 0}}, {"b", {2, 7}}, {"c", {5, 0}}}).put("z", "1")}),
              (Codes{VALID, PHANTOM_READ_CONFLICT}));
}

TEST_F(ApplyBlock, AnIdIsUsedOnce) {
    EXPECT_EQ(apply({Tx("twice").put("b", "1"), Tx("twice").put("b", "2")}), (Codes{VALID, DUPLICATE_TXID}));
    EXPECT_EQ(after("b"), "1");
}

// Anybody who saw a proposal can have it ordered without endorsements, before the client's own transaction.
TEST_F(ApplyBlock, ARefusedTransactionUsesNoIdUp) {
    EXPECT_EQ(apply({Tx("a").code(ENDORSEMENT_POLICY_FAILURE), Tx("a").put("k", "1"), Tx("a").code(BAD_PAYLOAD),
                     Tx("a").put("k", "2")}),
              (Codes{ENDORSEMENT_POLICY_FAILURE, VALID, BAD_PAYLOAD, DUPLICATE_TXID}));
    EXPECT_EQ(after("k"), "1");
}

TEST_F(ApplyBlock, ATransactionThatConflictsMayComeAgain) {
    EXPECT_EQ(apply({Tx("a").saw("k", Version{1, 0}), Tx("a").put("k", "1")}), (Codes{MVCC_READ_CONFLICT, VALID}));
}

TEST_F(ApplyBlock, IncrementsOfOneCounterAddUpInAnyOrder) {
    state.set("n", "100", {1, 0});
    EXPECT_EQ(apply({Tx("1").add("n", 5), Tx("2").add("n", -30), Tx("3").add("n", 7)}), (Codes{VALID, VALID, VALID}));
    EXPECT_EQ(after("n"), "82");
    EXPECT_EQ(apply({Tx("3").add("n", 7), Tx("1").add("n", 5), Tx("2").add("n", -30)}), (Codes{VALID, VALID, VALID}));
    EXPECT_EQ(after("n"), "82");
}

TEST_F(ApplyBlock, AnAbsentCounterIsZero) {
    EXPECT_EQ(apply({Tx("1").add("n", -4)}), Codes{VALID});
    EXPECT_EQ(after("n"), "-4");
}

TEST_F(ApplyBlock, ACounterStopsAtItsLowerBound) {
    state.set("n", "10", {1, 0});
    EXPECT_EQ(
        apply({Tx("1").add("n", -10, 0), Tx("2").add("n", -1, 0), Tx("3").add("n", 1, 0), Tx("4").add("n", -1, 0)}),
        (Codes{VALID, INCREMENT_OUT_OF_BOUNDS, VALID, VALID}));
    EXPECT_EQ(after("n"), "0");
}

TEST_F(ApplyBlock, ACounterNeverWrapsAround) {
    state.set("high", "9223372036854775807", {1, 0});
    state.set("low", "-9223372036854775808", {1, 0});
    EXPECT_EQ(apply({Tx("1").add("high", 1), Tx("2").add("low", -1), Tx("3").add("high", 0), Tx("4").add("low", 1)}),
              (Codes{INCREMENT_OUT_OF_BOUNDS, INCREMENT_OUT_OF_BOUNDS, VALID, VALID}));
    EXPECT_EQ(after("low"), "-9223372036854775807");
}

TEST_F(ApplyBlock, WhatIsNoCounterCannotBeIncremented) {
    for (const char* value : {"", "1.5", "12x", " 1", "9223372036854775808", "{}"}) {
        state.set("n", value, {1, 0});
        EXPECT_EQ(apply({Tx("1").add("n", 1)}), Codes{ILLEGAL_WRITESET}) << value;
    }
}

TEST_F(ApplyBlock, AKeyIsTouchedOnceByATransaction) {
    EXPECT_EQ(apply({Tx("1").put("a", "1").put("a", "2"), Tx("2").put("b", "1").add("b", 2),
                     Tx("3").add("c", 1).add("c", 2), Tx("4").put("d", "1").erase("d")}),
              (Codes{ILLEGAL_WRITESET, ILLEGAL_WRITESET, ILLEGAL_WRITESET, ILLEGAL_WRITESET}));
    EXPECT_TRUE(effects.updates.empty());
}

TEST_F(ApplyBlock, AnInvalidTransactionLeavesNoTrace) {
    state.set("n", "1", {1, 0});
    EXPECT_EQ(apply({Tx("1").put("a", "x").add("n", -2, 0), Tx("2").code(BAD_CREATOR_SIGNATURE).put("a", "y"),
                     Tx("3").saw("a", std::nullopt).saw("n", Version{1, 0}).put("b", "z")}),
              (Codes{INCREMENT_OUT_OF_BOUNDS, BAD_CREATOR_SIGNATURE, VALID}));
    ASSERT_EQ(effects.updates.size(), 1U);
    EXPECT_EQ(after("b"), "z");
}

TEST_F(ApplyBlock, NamespacesDoNotMeet) {
    Tx other("1");
    other.checked.simulation.read_write_set.writes.push_back({{"other", "a"}, to_bytes("x")});
    EXPECT_EQ(apply({other, Tx("2").saw("a", std::nullopt).saw_range("", "", {}).put("b", "1")}),
              (Codes{VALID, VALID}));
}

TEST(Counter, IsTheDecimalTextOfAnInt64) {
    EXPECT_EQ(as_text(counter_bytes(INT64_MIN)), "-9223372036854775808");
    for (const std::int64_t value : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
        EXPECT_EQ(counter_value(counter_bytes(value)), value);
    }
}

}  // namespace
}  // namespace tally::storage
