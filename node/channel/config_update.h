#pragma once
// How a channel's configuration changes: one transaction that carries the new configuration and admins' signed
// approvals of exactly it, ordered alone in a sealing block.
//
// Whether it holds is a function of the transaction, the configuration before it and the block's time, and of nothing
// else: orderers, which keep no state, and committers come to the same result. Orderers judge it before they vote, so a
// block is a sealing one only when its update holds. A reader of the chain checks the update again: the header's flag
// `sealing` proves nothing, and after a sealing block whose update does not hold the configuration is as it was.
//
// An approval is an ordinary signed proposal of an admin to `config.approve` (ConfigApproval). It counts until it
// expires or the configuration changes, and only when the approver's node knows what the new configuration names: so a
// configuration that too few could follow never comes into force. It also counts when the revocation list of
// its organization is out of date (Use::configuration). Approvals that do not hold are passed over: the node that
// assembles an update chooses a set that satisfies the policy, and further approvals on the ledger cannot spoil it.

#include <span>

#include "chaincode/proposal.h"
#include "consensus/simplex.h"
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

// The arguments of an approval.
struct ConfigApproval {
    std::string base;             // hash of the configuration that is to be changed, hex
    std::string config;           // hash of the one that is wanted, hex
    std::int64_t expires_ms = 0;  // the approval counts in blocks before this time
    Versions knows;               // what the approver's node knows
};
TALLY_FIELDS(ConfigApproval, (base, "SHA-256 of the configuration that is to be changed, hex"),
             (config, "SHA-256 of the proposed one, hex"),
             (expires_ms, "the approval counts in blocks before this time, milliseconds since 1970"),
             (knows, "the levels of rules and versions of contracts that the approver's node knows"))

// The approvals among these that hold at `time_ms`, as few as satisfy the policy for changes. permission_denied when
// all of them together do not, with what was wrong with the last that did not hold.
[[nodiscard]] Result<std::vector<Bytes>> choose_approvals(std::string_view config, std::span<const Bytes> approvals,
                                                          const Membership& current, std::int64_t time_ms);

// As a transaction: its proposal is the encoded update, its simulation what follows from that.
[[nodiscard]] Bytes encode_config_update(const ConfigUpdate& update);
[[nodiscard]] storage::TransactionId config_update_id(const storage::Transaction& transaction);

// The new configuration. bad_configuration, malformed, permission_denied (too few approvals) and others say what is
// wrong. needs_upgrade when the update may hold and this program does not know what it names.
[[nodiscard]] Result<ChannelConfig> check_config_update(const storage::Transaction& transaction,
                                                        const Membership& current, std::int64_t time_ms);
// Whether an encoded transaction is an update of this configuration that holds in a block of this time; none when it
// may hold and this program does not know what it names.
[[nodiscard]] consensus::ChangesConfiguration changes_configuration(std::shared_ptr<const Membership> current);
// The membership after this block: `current` itself unless it is a sealing block whose update holds. Fails with
// needs_upgrade alone: then this program must not go on to that block.
[[nodiscard]] Result<std::shared_ptr<const Membership>> membership_after(const storage::BlockHeader& header,
                                                                         const std::vector<storage::Batch>& batches,
                                                                         std::shared_ptr<const Membership> current);

}  // namespace tally::node
