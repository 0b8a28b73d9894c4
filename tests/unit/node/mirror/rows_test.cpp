// What a block is in SQL, also where its transactions hold what SQL cannot.

#include "node/mirror/rows.h"

#include <gtest/gtest.h>

#include <climits>
#include <sstream>

#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"

namespace tally::node {
namespace {

using storage::ValidationCode;

// The values of each row, as COPY's text has them.
std::vector<std::vector<std::string>> rows_in(const SqlRows& rows) {
    std::vector<std::vector<std::string>> out;
    std::istringstream lines(rows.copy_text());
    for (std::string line; std::getline(lines, line);) {
        auto& row = out.emplace_back();
        std::istringstream values(line);
        for (std::string value; std::getline(values, value, '\t');) row.push_back(value);
    }
    return out;
}

class MirrorRows : public testing::Test {
  protected:
    [[nodiscard]] BlockRows rows_of(std::vector<Bytes> transactions, ValidationCode code) const {
        storage::Block block;
        block.header.number = 7;
        block.header.time_ms = 1'772'323'200'123;  // 2026-03-01T00:00:00.123Z
        block.metadata.codes.assign(transactions.size(), code);
        block.batches.push_back(std::move(transactions));
        auto rows = RowMaker(true).rows_of(block);
        EXPECT_TRUE(rows.has_value()) << rows.error().message;
        return std::move(*rows);
    }
    // A transaction of the client with these arguments, as an orderer takes it: nobody has read the arguments yet.
    [[nodiscard]] Bytes with_arguments(std::string arguments, std::int64_t created_ms = test_time_ms()) const {
        storage::Transaction transaction;
        transaction.proposal =
            channel.propose(channel.client, {"main", "notes", "put", std::move(arguments), {}, {}, created_ms});
        return storage::encode(transaction);
    }
    // Of the only transaction: its arguments.
    [[nodiscard]] std::string arguments_in(std::string arguments) const {
        const auto rows = rows_of({with_arguments(std::move(arguments))}, ValidationCode::BAD_PAYLOAD);
        return rows_in(rows.of(SqlTable::transactions)).at(0).at(12);
    }

    SmallChannel channel;
};

TEST_F(MirrorRows, ABlockAndItsTransactionsAreRowsOfTheBlocksDay) {
    const auto transaction = channel.put("a");
    const auto rows = rows_of({transaction}, ValidationCode::VALID);
    EXPECT_EQ(rows.day, "2026-03-01");
    const auto block = rows_in(rows.of(SqlTable::blocks)).at(0);
    EXPECT_EQ(block.at(0), "7");
    EXPECT_EQ(block.at(4), "2026-03-01T00:00:00.123Z");
    const auto row = rows_in(rows.of(SqlTable::transactions)).at(0);
    EXPECT_EQ((std::vector(row.begin(), row.begin() + 3)), (std::vector<std::string>{"2026-03-01", "7", "0"}));
    EXPECT_EQ(row.at(4), "\\\\x" + SmallChannel::id_of_transaction(transaction).hex());
    EXPECT_EQ(row.at(5), "VALID");
    EXPECT_EQ(row.at(6), "\\\\x" + crypto::sha256(transaction).hex());
    EXPECT_EQ(rows.leaves.at(0).id, SmallChannel::id_of_transaction(transaction));
}

TEST_F(MirrorRows, ATransactionThatCannotBeReadHasTheIdOfTheLog) {
    const Bytes nothing{1, 2, 3};
    const auto rows = rows_of({nothing}, ValidationCode::BAD_PAYLOAD);
    const auto row = rows_in(rows.of(SqlTable::transactions)).at(0);
    EXPECT_EQ(row.at(4), "\\\\x" + crypto::sha256({as_bytes("tally/unreadable"), nothing}).hex());
    EXPECT_EQ((std::vector(row.begin() + 7, row.end())), std::vector<std::string>(7, "\\N"));
}

TEST_F(MirrorRows, ARefusedTransactionHasNeitherResultNorEvents) {
    const auto rows = rows_of({channel.put("a")}, ValidationCode::MVCC_READ_CONFLICT);
    EXPECT_EQ(rows_in(rows.of(SqlTable::transactions)).at(0).at(13), "\\N");
    EXPECT_EQ(rows.of(SqlTable::events).count(), 0U);
}

TEST_F(MirrorRows, TextThatSqlCannotHoldIsNull) {
    EXPECT_EQ(arguments_in(R"({"key":"a"})"), R"({"key":"a"})");
    for (const std::string text : {"{\"key\":\"a\\u0000b\"}", "{\"a\\u0000\":1}", "{\"key\":\"\\ud800\"}",
                                   "{\"key\":\"\xff\"}", "{\"key\":1e999}", "{\"key\":", "", "[1e999]"}) {
        EXPECT_EQ(arguments_in(text), "\\N") << text;
    }
    const auto text = arguments_in("{\"key\":0." + std::string(20'000, '1') + "}");
    EXPECT_LT(text.size(), 50U) << "a number of SQL has fewer digits";
}

TEST_F(MirrorRows, LineBreaksTabsAndBackslashesStayInsideTheirValue) {
    SqlRows rows;
    rows.text("a\tb\nc\rd\\e\\N").number(-5).null().bytes(as_bytes("\x01\xff"));
    rows.end_row();
    EXPECT_EQ(rows.copy_text(), "a\\tb\\nc\\rd\\\\e\\\\N\t-5\t\\N\t\\\\x01ff\n");
}

TEST_F(MirrorRows, ATimeThatNoCalendarHasIsNull) {
    const auto rows = rows_of({with_arguments("{}", INT64_MAX)}, ValidationCode::PROPOSAL_EXPIRED);
    EXPECT_EQ(rows_in(rows.of(SqlTable::transactions)).at(0).at(11), "\\N");
}

TEST_F(MirrorRows, ABlockWithTooFewCodesIsCorrupt) {
    storage::Block block;
    block.batches.push_back({channel.put("a")});
    EXPECT_EQ(RowMaker(false).rows_of(block).error().code, Code::corrupt);
}

}  // namespace
}  // namespace tally::node
