#pragma once
// What a block is in SQL: the rows of each table, as text that PostgreSQL reads.
//
// Pure, but for a memory of certificates: one Rows per thread. The same block gives the same rows for ever, so that
// what a database holds can be compared with the ledger (mirror_check.h). A text that SQL cannot hold (a byte 0, bytes
// that are not UTF-8, a number without end) becomes NULL; the transaction's hash still stands for it.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chaincode/records/device_record.h"
#include "node/mirror/sql.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"

namespace tally::node {

enum class SqlTable : std::uint8_t { blocks, transactions, events, records, figures, readings };
inline constexpr std::size_t kSqlTables = 6;

struct SqlShape {
    std::string_view name;
    std::string_view definition;  // the columns, in the order of a row's values, for CREATE TABLE
    bool by_day;                  // partitioned by the column "day": the block's, in UTC
};
[[nodiscard]] const SqlShape& shape_of(SqlTable table);

struct BlockRows {
    std::string day;  // of the block: 2026-02-01
    std::array<SqlRows, kSqlTables> tables;
    std::vector<storage::LogLeaf> leaves;  // of the transaction log

    [[nodiscard]] SqlRows& of(SqlTable table) { return tables[static_cast<std::size_t>(table)]; }
    [[nodiscard]] const SqlRows& of(SqlTable table) const { return tables[static_cast<std::size_t>(table)]; }
};

class RowMaker {
  public:
    // With `readings` every row of each series that is on the ledger becomes rows, too.
    explicit RowMaker(bool readings) : readings_(readings) {}

    // corrupt when the block has not as many validation codes as transactions.
    [[nodiscard]] Result<BlockRows> rows_of(const storage::Block& block);

  private:
    struct Member {
        std::optional<std::string> organization;
        std::optional<std::string> name;
    };
    struct Place;  // of a transaction
    [[nodiscard]] const Member& member_of(const Bytes& certificate);
    [[nodiscard]] crypto::Hash add_transaction(ByteView bytes, const Place& place, BlockRows& out);
    void add_record(ByteView message, const Place& place, BlockRows& out) const;
    static void add_readings(const chaincode::SignedRecord& in, const Place& place, SqlRows& out);

    bool readings_;
    std::map<Bytes, Member> members_;  // by certificate
};

}  // namespace tally::node
