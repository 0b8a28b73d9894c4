// A certificate is stored once, however many transactions carry it, and every transaction comes back byte for byte.

#include <gtest/gtest.h>

#include "crypto/cose.h"
#include "storage/block_store.h"
#include "storage/model/archive.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

const auto kKey = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));

Bytes certificate(std::uint8_t which, std::size_t size = 700) { return Bytes(size, which); }

std::string transaction(std::string_view payload, std::vector<Bytes> chain, std::vector<Bytes> endorsers) {
    Transaction out;
    crypto::Sign1Options options;
    options.headers.content_type = "application/tally-proposal+cbor";
    options.headers.x5chain = std::move(chain);
    out.proposal = crypto::sign1(kKey, as_bytes(payload), options);
    out.simulation = to_bytes("what it wants");
    for (auto& endorser : endorsers) out.endorsements.push_back({std::move(endorser), Bytes(64, 7)});
    return std::string(as_text(encode(out)));
}

std::string of_two_members(std::string_view payload) {
    return transaction(payload, {certificate(1), certificate(2)}, {certificate(3), certificate(4)});
}

struct Size {
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

Size size_of(Ledger& ledger, std::string_view family) {
    Size size;
    const auto at = ledger.entries(family).value();
    while (at->next().value()) {
        ++size.entries;
        size.bytes += at->value().size();
    }
    return size;
}

TEST(StoredCertificates, ACertificateIsStoredOnceForAllTransactions) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    std::vector<Entry> entries;
    for (int i = 0; i < 50; ++i) entries.push_back({of_two_members(std::to_string(i)), {}});
    ledger.grow(entries);
    ledger.grow({{of_two_members("later")}});
    EXPECT_EQ(size_of(*ledger, "certificates").entries, 4U);
    EXPECT_EQ(size_of(*ledger, "certificates").bytes, 4U * 700);
    EXPECT_LT(size_of(*ledger, "blocks").bytes, 52U * 700);
    const auto check = [&] {
        const auto block = ledger->block(1);
        ASSERT_TRUE(block.has_value()) << block.error().message;
        for (std::uint32_t i = 0; i < 50; ++i) {
            EXPECT_EQ(as_text(block->batches.at(0).at(i)), entries[i].text);
            EXPECT_EQ(as_text(ledger->transaction(1, i).value()), entries[i].text);
            EXPECT_EQ(as_text(ledger->state()->transaction_bytes(id_of(entries[i].text)).value()), entries[i].text);
        }
    };
    check();
    ledger.close();
    ledger.reopen();
    check();
}

TEST(StoredCertificates, WhatIsNoTransactionIsStoredAsItIs) {
    TemporaryLedger ledger;
    ledger.grow({{"genesis"}});
    const auto whole = of_two_members("whole");
    std::vector<Entry> entries;
    for (std::size_t size = 0; size < whole.size(); size += 37) entries.push_back({whole.substr(0, size), {}});
    entries.push_back({whole + "more", {}});
    entries.push_back({transaction("small", {certificate(5, 10)}, {Bytes{}, certificate(6, 63)}), {}});
    entries.push_back({transaction("large", {certificate(7, 9000)}, {}), {}});
    ledger.grow(entries);
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(as_text(ledger->transaction(1, i).value()), entries[i].text) << i;
    }
}

TEST(StoredCertificates, OneCertificateTwiceInOneTransactionComesBackTwice) {
    TemporaryLedger ledger;
    const auto text = transaction("twice", {certificate(1)}, {certificate(1), certificate(1)});
    ledger.grow({{text}});
    EXPECT_EQ(size_of(*ledger, "certificates").entries, 1U);
    EXPECT_EQ(as_text(ledger->transaction(0, 0).value()), text);
}

TEST(StoredCertificates, AnOrderersBlocksHaveThemOnceToo) {
    TemporaryDirectory directory;
    const auto block_of = [](std::vector<Batch> batches, const Block* before) {
        Block block;
        block.batches = std::move(batches);
        block.header.channel = "test";
        block.header.number = before == nullptr ? 0 : before->header.number + 1;
        if (before != nullptr) block.header.previous_hash = before->header.hash();
        return block;
    };
    const auto genesis = block_of({{to_bytes("genesis")}}, nullptr);
    const auto next =
        block_of({{to_bytes(of_two_members("a")), to_bytes("opaque")}, {to_bytes(of_two_members("b"))}}, &genesis);
    for (const bool first : {true, false}) {
        auto store = BlockStore::open(directory.path() / "blocks", genesis);
        ASSERT_TRUE(store.has_value()) << store.error().message;
        if (first) {
            ASSERT_TRUE((*store)->append(next).has_value());
        }
        const auto read = (*store)->block(1);
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(read->batches, next.batches);
        ASSERT_TRUE((*store)->close().has_value());
    }
}

}  // namespace
}  // namespace tally::storage
