// What append refuses: each case changes one thing of a good block, and the ledger must be as it was before.

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

class RefusedBlock : public testing::Test {
  protected:
    RefusedBlock() {
        ledger.grow({{"genesis", {{"a", "1"}}}});
        ledger.grow({{"first", {{"a", "2"}}}});
    }

    // Every stored byte of every family.
    Bytes contents() {
        Bytes all;
        for (const char* family : {"blocks", "state", "history", "index", "log", "meta"}) {
            auto cursor = ledger->entries(family);
            while (*(*cursor)->next()) {
                append(all, (*cursor)->key());
                append(all, (*cursor)->value());
            }
        }
        return all;
    }

    template <class Change>
    void expect_refused(std::string_view sentence, Change change) {
        auto prepared = ledger.prepare({{{"t", {{"a", "3"}}}, {"u"}}});
        change(prepared);
        const auto before = contents();
        const auto tip = ledger->tip();
        const auto status = ledger.append(prepared);
        EXPECT_EQ(code_of(status), Code::corrupt);
        EXPECT_NE(message_of(status).find(sentence), std::string::npos) << status.error().message;
        EXPECT_EQ(contents(), before);
        EXPECT_EQ(ledger->tip()->hash, tip->hash);
        EXPECT_EQ(ledger.value("a"), "2");
        auto good = ledger.prepare({{{"t"}}});
        EXPECT_TRUE(ledger.append(good).has_value());
    }

    TemporaryLedger ledger;
};

TEST_F(RefusedBlock, WrongNumber) {
    expect_refused("block 3 came where 2 is next", [](auto& b) { b.block.header.number = 3; });
}
TEST_F(RefusedBlock, ABlockThatIsAlreadyThere) {
    expect_refused("block 1 came where 2 is next", [](auto& b) { b.block.header.number = 1; });
}
TEST_F(RefusedBlock, WrongLink) {
    expect_refused("does not link", [](auto& b) { b.block.header.previous_hash.bytes[31] ^= 1; });
}
TEST_F(RefusedBlock, WrongChannel) {
    expect_refused("channel \"other\"", [](auto& b) { b.block.header.channel = "other"; });
}
TEST_F(RefusedBlock, OlderThanItsParent) {
    expect_refused("older", [this](auto& b) { b.block.header.time_ms = ledger->tip()->time_ms - 1; });
}
TEST_F(RefusedBlock, ADataRootOfOtherTransactions) {
    expect_refused("data root", [](auto& b) { b.block.header.data_root.bytes[0] ^= 0x80; });
}
TEST_F(RefusedBlock, ATransactionThatWasChanged) {
    expect_refused("data root", [](auto& b) { b.block.batches[0][1].push_back(0); });
}
TEST_F(RefusedBlock, ATransactionThatIsMissing) {
    expect_refused("data root", [](auto& b) { b.block.batches[0].pop_back(); });
}
TEST_F(RefusedBlock, TransactionsInAnotherOrder) {
    expect_refused("data root", [](auto& b) { std::swap(b.block.batches[0][0], b.block.batches[0][1]); });
}
TEST_F(RefusedBlock, TheSameTransactionsInOtherBatches) {
    expect_refused("data root", [](auto& b) {
        b.block.batches.push_back({b.block.batches[0][1]});
        b.block.batches[0].pop_back();
    });
}
TEST_F(RefusedBlock, AnIdTooMany) {
    expect_refused("3 ids", [](auto& b) { b.ids.push_back(id_of("x")); });
}
TEST_F(RefusedBlock, ACodeTooFew) {
    expect_refused("1 codes", [](auto& b) { b.effects.codes.pop_back(); });
}

TEST_F(RefusedBlock, TheTimeOfItsParentIsAllowed) {
    auto prepared = ledger.prepare({{{"t"}}});
    prepared.block.header.time_ms = ledger->tip()->time_ms;
    EXPECT_TRUE(ledger.append(prepared).has_value());
}

}  // namespace
}  // namespace tally::storage
