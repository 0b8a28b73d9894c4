#pragma once
// A channel's ledger in PostgreSQL, for people who ask in SQL.
//
// One schema of the database holds one channel. Blocks are only ever added: rows and cursor (number and hash of the
// last block) change in one SQL transaction, and the cursor moves only from where this program has seen it, so that two
// writers, a restart or a database that was put back never leave a gap or a double. What is there already is never
// written over: a row that exists is an error.
//
// Tables of rows are partitioned by the day of the block in UTC. One thread. Failures: unavailable (the database cannot
// be reached, or the connection broke: open again), conflict (another channel, another chain, rows that are there
// already), locked (another writer is at it), unsupported (tables of another version), and those of sql.h.

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "node/mirror/rows.h"
#include "storage/model/transaction.h"

namespace tally::node {

struct MirrorOptions {
    std::string postgres;          // as libpq takes it: postgresql://user@host/database, or key=value pairs
    std::string schema = "tally";  // 1 to 40 of a-z 0-9 _, not beginning with a digit
    bool readings = false;         // the rows of series, too; for a new mirror
};

struct MirrorPlace {
    storage::BlockNumber block = 0;
    crypto::Hash hash;
};

class Mirror {
  public:
    // Makes the tables where there are none. `genesis`: the hash of the channel's block 0.
    [[nodiscard]] static Result<Mirror> open(const MirrorOptions& options, const std::string& channel,
                                             const crypto::Hash& genesis);
    // Only to read: not_found where there are no tables.
    [[nodiscard]] static Result<Mirror> open_existing(const MirrorOptions& options, const std::string& channel,
                                                      const crypto::Hash& genesis);
    Mirror(Mirror&&) noexcept;
    Mirror& operator=(Mirror&&) noexcept;
    ~Mirror();

    [[nodiscard]] const std::optional<MirrorPlace>& place() const;  // none: it has no block yet
    [[nodiscard]] bool has_readings() const;

    // The blocks that follow the last one, in one SQL transaction.
    [[nodiscard]] Status append(std::span<const BlockRows> rows, const MirrorPlace& last);

    // Makes the indexes that queries want, where they are not there. A new mirror takes blocks faster without them.
    [[nodiscard]] Status index();

    // What differs between these rows of consecutive blocks and the database's: a sentence that names the first, or
    // none. Without `readings` these are not compared.
    [[nodiscard]] Result<std::optional<std::string>> difference(std::span<const BlockRows> rows,
                                                                storage::BlockNumber first, storage::BlockNumber last,
                                                                bool readings);
    // A leaf of the transaction log for each row of a block's transactions, in order.
    [[nodiscard]] Result<std::vector<storage::LogLeaf>> leaves_of(storage::BlockNumber block);
    // bad_proof when the database has no such block.
    [[nodiscard]] Result<crypto::Hash> hash_of(storage::BlockNumber block);

  private:
    struct Impl;
    explicit Mirror(std::unique_ptr<Impl> impl);
    [[nodiscard]] static Result<Mirror> connect(const MirrorOptions& options);
    std::unique_ptr<Impl> impl_;
};

// The statements that make the views on the tables, for people: devices, final_days, invoices.
[[nodiscard]] std::string_view mirror_views();

}  // namespace tally::node
