#pragma once
// Blocks, transactions and checkpoints as JSON: for REST, the command line and export. Pure.

#include <boost/json/object.hpp>

#include "storage/model/block.h"
#include "storage/model/transaction.h"

namespace tally::node {

[[nodiscard]] boost::json::object block_json(const storage::Block& block, bool with_transactions);
[[nodiscard]] boost::json::object transaction_json(ByteView bytes, std::uint32_t index, storage::ValidationCode code);
[[nodiscard]] boost::json::object checkpoint_json(const storage::Checkpoint& checkpoint);
[[nodiscard]] std::string iso_time(std::int64_t ms);  // 2026-02-01T00:00:00.000Z

}  // namespace tally::node
