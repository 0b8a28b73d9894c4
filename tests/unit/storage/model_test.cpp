#include <gtest/gtest.h>

#include <set>

#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

using crypto::Hash;
using crypto::sha256;

Bytes golden(const std::string& name) {
    const auto text = bytes_in(std::filesystem::path(TALLY_GOLDEN) / (name + ".hex"));
    const auto bytes = from_hex(as_text(text).substr(0, text.size() - 1));
    EXPECT_TRUE(bytes.has_value());
    return bytes.value_or(Bytes{});
}

Hash hash_of(std::string_view text) { return sha256(as_bytes(text)); }

BlockHeader golden_header() {
    return {"golden",
            0x0102030405060708,
            hash_of("previous"),
            hash_of("root"),
            hash_of("payload"),
            1'700'000'000'123,
            7,
            0x1122334455,
            3,
            BlockHeader::kEmptyOnly,
            {{0x0a0b, {5, 6}}, {0x0c0d, {7, 8}}}};
}

Simulation golden_simulation() {
    Simulation simulation{hash_of("id"), "data", 3, "publish", R"({"a":1})", {{"published", "{}"}}, {}};
    auto& set = simulation.read_write_set;
    set.reads = {{{"space", "key"}, Version{41, 2}}, {{"space", "absent"}, std::nullopt}};
    set.range_reads = {{"space", "a", "b", hash_of("digest")}};
    set.writes = {{{"space", "key"}, to_bytes("value")}, {{"space", "gone"}, std::nullopt}};
    set.increments = {{{"space", "counter"}, -5, INT64_MIN}};
    return simulation;
}

// tests/golden/make_golden.py wrote these from the description of the format.
TEST(Golden, ABlockHeaderHasTheseBytesAndThisHash) {
    EXPECT_EQ(to_hex(encode(golden_header())), to_hex(golden("block_header")));
    EXPECT_EQ(decode<BlockHeader>(golden("block_header"), "a header"), golden_header());
    EXPECT_EQ(golden_header().hash().hex(), "2ec9354a95d748b068c979c2ce8e162c10d2d83d293b48c97a7621b6082dd624");
}

TEST(Golden, ATransactionHasTheseBytes) {
    const Transaction transaction{Transaction::Kind::contract,
                                  to_bytes("proposal"),
                                  encode(golden_simulation()),
                                  {{to_bytes("certificate"), to_bytes("signature")}}};
    EXPECT_EQ(to_hex(encode(transaction)), to_hex(golden("transaction")));
    const auto decoded = decode<Transaction>(golden("transaction"), "a transaction");
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decode<Simulation>(decoded->simulation, "a simulation"), golden_simulation());
}

TEST(Golden, ACheckpointHasTheseBytes) {
    const Checkpoint checkpoint{"golden",
                                9,
                                hash_of("block"),
                                100,
                                hash_of("log"),
                                hash_of("state"),
                                {{"Org", to_bytes("certificate"), to_bytes("header"), to_bytes("signature")}}};
    EXPECT_EQ(to_hex(encode(checkpoint)), to_hex(golden("checkpoint")));
}

// RFC 9162, section 2.1.1, as it stands there: recursive, from SHA-256 alone.
Hash tree(std::span<const Bytes> entries) {
    if (entries.empty()) return sha256(ByteView{});
    if (entries.size() == 1) return sha256({Bytes{0}, entries[0]});
    std::size_t left = 1;
    while (left * 2 < entries.size()) left *= 2;
    return sha256({Bytes{1}, tree(entries.first(left)).view(), tree(entries.subspan(left)).view()});
}

TEST(Model, ADataRootIsTheTreeOverTheBatchesTrees) {
    for (std::size_t batches = 0; batches < 6; ++batches) {
        std::vector<Bytes> digests;
        std::vector<Hash> computed;
        for (std::size_t i = 0; i < batches; ++i) {
            Batch batch;
            for (std::size_t j = 0; j <= i * 3; ++j)
                batch.push_back(to_bytes(fmt::format("transaction {} of {}", j, i)));
            EXPECT_EQ(batch_digest(batch), tree(batch));
            digests.push_back(to_bytes(tree(batch).view()));
            computed.push_back(batch_digest(batch));
        }
        EXPECT_EQ(data_root(computed), tree(digests)) << batches;
    }
}

TEST(Model, EveryFieldOfTheHeaderChangesTheBlocksHash) {
    const auto original = golden_header();
    std::set<Hash> hashes{original.hash()};
    const auto changed = [&](auto change) {
        auto header = original;
        change(header);
        EXPECT_TRUE(hashes.insert(header.hash()).second);
    };
    changed([](BlockHeader& h) { h.channel = "other"; });
    changed([](BlockHeader& h) { ++h.number; });
    changed([](BlockHeader& h) { h.previous_hash = hash_of("x"); });
    changed([](BlockHeader& h) { h.data_root = hash_of("x"); });
    changed([](BlockHeader& h) { h.payload = hash_of("x"); });
    changed([](BlockHeader& h) { ++h.time_ms; });
    changed([](BlockHeader& h) { ++h.epoch; });
    changed([](BlockHeader& h) { ++h.view; });
    changed([](BlockHeader& h) { ++h.proposer; });
    changed([](BlockHeader& h) { h.flags = BlockHeader::kSealing; });
    changed([](BlockHeader& h) { ++h.lanes[1].at.sequence; });
}

TEST(Model, TheMetadataIsOutsideTheBlocksHash) {
    Block block;
    block.header = golden_header();
    const auto hash = block.header.hash();
    block.metadata.codes.push_back(ValidationCode::BAD_PAYLOAD);
    block.metadata.writer_signature = to_bytes("signature");
    EXPECT_EQ(block.header.hash(), hash);
}

TEST(Model, TheTransactionsOfABlockComeInTheOrderOfItsBatches) {
    Block block;
    block.batches = {{to_bytes("a"), to_bytes("b")}, {}, {to_bytes("c")}};
    const auto all = transactions_of(block);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(block.transaction_count(), 3U);
    EXPECT_EQ(std::string(as_text(all[0])) + std::string(as_text(all[1])) + std::string(as_text(all[2])), "abc");
}

TEST(Model, ALogEntryBindsIdCodeAndBytes) {
    const auto id = hash_of("id");
    const auto bytes = to_bytes("transaction");
    const auto entry = sha256({id.view(), Bytes{11}, sha256(bytes).view()});
    EXPECT_EQ(log_entry(id, ValidationCode::MVCC_READ_CONFLICT, bytes), entry);
    EXPECT_EQ(log_leaf(entry), sha256({Bytes{0}, entry.view()}));
}

TEST(Model, WhatEndorsersAndWritersSignBeginsWithItsDomain) {
    const auto simulation = to_bytes("simulation");
    // u32 length, domain, u32 length, channel, SHA-256
    Bytes expected = to_bytes(std::string_view("\x14\0\0\0tally/endorsement/v1\x04\0\0\0main", 32));
    append(expected, sha256(simulation).view());
    EXPECT_EQ(endorsement_statement("main", crypto::sha256(simulation)), expected);
    Bytes writer = to_bytes("tally/block-writer/v1");
    append(writer, golden_header().hash().view());
    EXPECT_EQ(writer_statement(golden_header()), writer);
}

TEST(Model, ValidationCodesHaveFabricsNumbersAndNames) {
    EXPECT_EQ(static_cast<int>(ValidationCode::BAD_PAYLOAD), 2);
    EXPECT_EQ(static_cast<int>(ValidationCode::BAD_CREATOR_SIGNATURE), 4);
    EXPECT_EQ(static_cast<int>(ValidationCode::ENDORSEMENT_POLICY_FAILURE), 10);
    EXPECT_EQ(static_cast<int>(ValidationCode::MVCC_READ_CONFLICT), 11);
    EXPECT_EQ(static_cast<int>(ValidationCode::PHANTOM_READ_CONFLICT), 12);
    EXPECT_EQ(code_name(ValidationCode::VALID), "VALID");
    EXPECT_EQ(code_name(ValidationCode::DUPLICATE_TXID), "DUPLICATE_TXID");
    EXPECT_EQ(code_name(static_cast<ValidationCode>(1)), "UNASSIGNED");
    EXPECT_EQ(validation_code(102), ValidationCode::PROPOSAL_EXPIRED);
    for (const std::uint64_t number : {1U, 3U, 21U, 103U, 256U})
        EXPECT_FALSE(validation_code(number).has_value()) << number;
}

}  // namespace
}  // namespace tally::storage
