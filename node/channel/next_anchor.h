#pragma once
// What an organization anchors next of a channel (chaincode/contracts/anchor): the newest checkpoint, with the proof
// that it continues the one that is anchored.

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "storage/ledger.h"

namespace tally::node {

// The arguments of anchor.put; none when the newest checkpoint is anchored already. `latest`: what anchor.latest
// answered. bad_proof when the anchored log is longer than the ledger's: another history, or this node is behind.
[[nodiscard]] Result<std::optional<std::string>> next_anchor(const storage::Ledger& ledger,
                                                             const boost::json::value& latest,
                                                             const std::string& organization);

}  // namespace tally::node
