#pragma once
// What a node has of a channel on its disk: the ledger, or on a node that only orders, the blocks alone; and the
// configuration in force after them. Any thread, but open and close: the owner's.

#include <memory>
#include <optional>

#include "node/channel/current_membership.h"
#include "node/config/node_config.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/network.h"

namespace tally::node {

class ChannelStore {
  public:
    // Reads and checks everything. The error names what is wrong: a damaged ledger, a directory in use, another genesis
    // block.
    [[nodiscard]] static Result<std::unique_ptr<ChannelStore>> open(const NodeConfig& config);
    // Closes the database and seals the directory; the log says when that fails.
    void close();

    [[nodiscard]] bool has_ledger() const { return ledger_.has_value(); }
    [[nodiscard]] storage::Ledger& ledger() const { return *ledger_->ledger; }     // with a ledger
    [[nodiscard]] storage::BlockStore& blocks() const { return *blocks_->store; }  // without one
    [[nodiscard]] storage::Chain& chain() const {
        return has_ledger() ? static_cast<storage::Chain&>(ledger()) : blocks();
    }
    [[nodiscard]] CurrentMembership& membership() const { return *membership_; }
    [[nodiscard]] std::string channel() const { return membership_->get()->config().channel; }
    [[nodiscard]] Standing standing() const;  // of this node

  private:
    std::filesystem::path data_;
    std::optional<ChannelLedger> ledger_;
    std::optional<ChannelBlocks> blocks_;
    std::unique_ptr<CurrentMembership> membership_;
};

}  // namespace tally::node
