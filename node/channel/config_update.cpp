#include "node/channel/config_update.h"

#include <spdlog/spdlog.h>

#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "gateway/http/log_value.h"
#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"

namespace tally::node {
namespace {

// The admin behind one approval of exactly this change.
Result<chaincode::Caller> check_approval(ByteView message, const ConfigApproval& wanted, const Membership& current,
                                         std::int64_t time_ms) {
    const auto& rules = current.rules();
    if (message.size() > rules.max_approval_bytes) {
        return fail(Code::too_large, "an approval has {} bytes; {} are allowed", message.size(),
                    rules.max_approval_bytes);
    }
    const auto signed_proposal = TRY(chaincode::SignedProposal::decode(message, message.size(), rules.proposal));
    const auto& proposal = signed_proposal.proposal;
    if (proposal.channel != current.config().channel)
        return fail(Code::wrong_channel, "an approval is for channel \"{}\"", proposal.channel.substr(0, 64));
    if (proposal.contract != kConfigSpace || proposal.function != "approve" || !proposal.attachments.empty())
        return fail(Code::invalid_argument, "an approval is not a plain call of {}.approve", kConfigSpace);
    const auto arguments = TRY(chaincode::parse_json(proposal.arguments, "an approval", rules.execution.arguments));
    const auto approval = TRY(chaincode::from_json<ConfigApproval>(arguments));
    if (approval.base != wanted.base || approval.config != wanted.config)
        return fail(Code::invalid_argument, "an approval is of another change");
    auto member = TRY(current.identify(signed_proposal.cose.headers.x5chain, time_ms, Use::configuration));
    const auto who = fmt::format("{} of {}", member.caller.name, member.caller.organization);
    if (member.caller.role != "admin") return fail(Code::permission_denied, "{} is no admin", who);
    if (time_ms >= approval.expires_ms) return fail(Code::proposal_expired, "the approval of {} has expired", who);
    if (auto covered = check_covered(wanted.knows, approval.knows); !covered)
        return std::unexpected(covered.error().within(fmt::format("the node of {}", who)));
    TRY(signed_proposal.cose.verify(member.key, {}));
    return std::move(member.caller);
}

// The state's change that follows.
storage::Simulation simulation_of(const ConfigUpdate& update, const storage::TransactionId& id) {
    storage::Simulation simulation;
    simulation.transaction_id = id;
    simulation.contract = kConfigSpace;
    simulation.function = "apply";
    simulation.result = "null";
    simulation.events.push_back({"applied", fmt::format(R"({{"config":"{}"}})", config_hash(update.config).hex())});
    simulation.read_write_set.writes.push_back(
        {{std::string(kConfigSpace), std::string(kConfigKey)}, to_bytes(update.config)});
    return simulation;
}

Result<std::shared_ptr<const Membership>> next_membership(ByteView bytes, const Membership& current,
                                                          std::int64_t time_ms) {
    const auto transaction = TRY(storage::read_transaction(bytes, "a transaction"));
    if (transaction.kind != storage::Transaction::Kind::configuration)
        return fail(Code::invalid_argument, "the transaction of a sealing block is no configuration update");
    return Membership::from(TRY(check_config_update(transaction, current, time_ms)));
}

}  // namespace

crypto::Hash config_hash(std::string_view json) { return crypto::sha256(as_bytes(json)); }

Result<std::vector<Bytes>> choose_approvals(std::string_view config, std::span<const Bytes> approvals,
                                            const Membership& current, std::int64_t time_ms) {
    const ConfigApproval wanted{current.config_hash().hex(), config_hash(config).hex(), 0,
                                TRY(head_of_config(config)).needs};
    std::vector<Bytes> chosen;
    std::vector<Principal> signers;
    std::set<std::pair<std::string, std::string>> seen;
    std::string last_refusal;
    for (const auto& approval : approvals) {
        const auto caller = check_approval(approval, wanted, current, time_ms);
        if (!caller) {
            last_refusal = "; " + caller.error().message;
            continue;
        }
        if (!seen.emplace(caller->organization, caller->name).second) continue;
        chosen.push_back(approval);
        signers.push_back({caller->organization, "admin"});
        if (current.configuration_policy().satisfied_by(signers)) return chosen;
    }
    return fail(Code::permission_denied,
                "{} good approvals do not satisfy the policy {} for changes of the configuration{}", signers.size(),
                current.config().configuration, last_refusal);
}

Bytes encode_config_update(const ConfigUpdate& update) {
    storage::Transaction transaction{storage::Transaction::Kind::configuration, storage::encode(update), {}, {}};
    transaction.simulation = storage::encode(simulation_of(update, config_update_id(transaction)));
    return storage::encode(transaction);
}

storage::TransactionId config_update_id(const storage::Transaction& transaction) {
    return crypto::sha256({as_bytes("tally/configuration"), transaction.proposal});
}

Result<ChannelConfig> check_config_update(const storage::Transaction& transaction, const Membership& current,
                                          std::int64_t time_ms) {
    const auto update = TRY(
        storage::decode<ConfigUpdate>(transaction.proposal, "a configuration update", current.rules().max_approvals));
    if (update.channel != current.config().channel)
        return fail(Code::wrong_channel, "the update is for channel \"{}\"", update.channel.substr(0, 64));
    if (transaction.simulation != storage::encode(simulation_of(update, config_update_id(transaction))) ||
        !transaction.endorsements.empty())
        return fail(Code::malformed, "more than the update itself is in its transaction");
    const auto& config = current.config();
    TRY(check_follows(TRY(head_of_config(update.config)), {config.channel, config.version, {}}));
    TRY(choose_approvals(update.config, update.approvals, current, time_ms));
    return next_channel_config(update.config, current.config());
}

consensus::ChangesConfiguration changes_configuration(std::shared_ptr<const Membership> current) {
    return [current = std::move(current)](ByteView transaction, std::int64_t time_ms) -> std::optional<bool> {
        const auto next = next_membership(transaction, *current, time_ms);
        if (!next && next.error().code == Code::needs_upgrade) return std::nullopt;
        return next.has_value();
    };
}

Result<std::shared_ptr<const Membership>> membership_after(const storage::BlockHeader& header,
                                                           const std::vector<storage::Batch>& batches,
                                                           std::shared_ptr<const Membership> current) {
    if ((header.flags & storage::BlockHeader::kSealing) == 0) return current;
    if (batches.size() != 1 || batches.front().size() != 1) return current;
    auto next = next_membership(batches.front().front(), *current, header.time_ms);
    if (next || next.error().code == Code::needs_upgrade) return next;
    spdlog::warn("event=configuration_unchanged block={} what={}", header.number,
                 gateway::log_value(next.error().message));
    return current;
}

}  // namespace tally::node
