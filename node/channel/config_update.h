#pragma once
// How a channel's configuration changes: one transaction that carries the new configuration and the admins' signed
// proposals that approve exactly it, ordered alone in a sealing block.
//
// Whether it holds is a function of the transaction, the configuration before it and the block's time, and of nothing
// else: orderers, which keep no state, and committers come to the same result. A sealing block whose transaction does
// not hold ends its epoch all the same, and the configuration stays as it was.
//
// An approval is an ordinary signed proposal of an admin to the contract `config`, function `propose` or `approve`,
// with the arguments "base" (hash of the configuration that it changes) and "config" (hash of the one that it wants):
// once the base has changed, it is void. It counts though the revocation list of its organization is out of date
// (Use::configuration).

#include "chaincode/proposal.h"
#include "node/channel/membership.h"
#include "storage/apply.h"

namespace tally::node {

struct ConfigUpdate {
    std::string channel;
    std::string config;  // as in the state: channel_config_json of it
    std::vector<Bytes> approvals;

    template <class A>
    void serialize(A& a) {
        a(channel, config, approvals);
    }
};

[[nodiscard]] crypto::Hash config_hash(std::string_view json);

// The arguments of an approval. The contract takes them, and more.
struct ConfigApproval {
    std::string base;    // hex
    std::string config;  // hex
};
BOOST_DESCRIBE_STRUCT(ConfigApproval, (), (base, config))

// As a transaction: its proposal is the encoded update, its simulation what follows from that.
[[nodiscard]] Bytes encode_config_update(const ConfigUpdate& update);
[[nodiscard]] storage::TransactionId config_update_id(const storage::Transaction& transaction);

// The new configuration. bad_configuration, unauthenticated, permission_denied (too few approvals) and others
// say what is wrong.
[[nodiscard]] Result<ChannelConfig> check_config_update(const storage::Transaction& transaction,
                                                        const Membership& current, std::int64_t time_ms);
// Who goes on behind this block: `current` itself unless it is a sealing block whose update holds.
[[nodiscard]] std::shared_ptr<const Membership> membership_after(const storage::BlockHeader& header,
                                                                 const std::vector<storage::Batch>& batches,
                                                                 std::shared_ptr<const Membership> current);

}  // namespace tally::node
