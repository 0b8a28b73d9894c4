#include "node/channel/config_update.h"

#include <spdlog/spdlog.h>

#include <set>

#include "chaincode/json/strict_json.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::size_t kMaxApprovals = 1000;

// The admin behind one approval of exactly this change.
Result<chaincode::Caller> check_approval(const Bytes& message, const ConfigApproval& wanted, const Membership& current,
                                         std::int64_t time_ms) {
    const auto signed_proposal = TRY(chaincode::SignedProposal::decode(message, message.size()));
    const auto& proposal = signed_proposal.proposal;
    if (proposal.channel != current.config().channel)
        return fail(Code::wrong_channel, "an approval is for channel \"{}\"", proposal.channel.substr(0, 64));
    if (proposal.contract != kConfigSpace || (proposal.function != "approve" && proposal.function != "propose"))
        return fail(Code::invalid_argument, "an approval is a proposal to {}.{}", proposal.contract, proposal.function);
    const auto arguments = TRY(chaincode::parse_json(proposal.arguments, "an approval", {.max_bytes = 16U << 20}));
    const auto* object = arguments.if_object();
    const auto text = [&](std::string_view name) -> std::string_view {
        const auto* found = object == nullptr ? nullptr : object->if_contains(name);
        return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
    };
    if (text("base") != wanted.base || text("config") != wanted.config)
        return fail(Code::invalid_argument, "an approval is of another change");
    auto member = TRY(current.identify(signed_proposal.cose.headers.x5chain, time_ms, Use::configuration));
    if (member.caller.role != "admin")
        return fail(Code::permission_denied, "{} of {} is no admin", member.caller.name, member.caller.organization);
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

Status check_approvals(const ConfigUpdate& update, const Membership& current, std::int64_t time_ms) {
    if (update.approvals.size() > kMaxApprovals)
        return fail(Code::too_large, "{} approvals; {} are allowed", update.approvals.size(), kMaxApprovals);
    const ConfigApproval wanted{current.config_hash().hex(), config_hash(update.config).hex()};
    std::vector<Principal> signers;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& approval : update.approvals) {
        const auto caller = TRY(check_approval(approval, wanted, current, time_ms));
        if (seen.emplace(caller.organization, caller.name).second) signers.push_back({caller.organization, "admin"});
    }
    if (current.configuration_policy().satisfied_by(signers)) return {};
    return fail(Code::permission_denied, "{} approvals do not satisfy the policy {} for changes of the configuration",
                signers.size(), current.config().configuration);
}

}  // namespace

crypto::Hash config_hash(std::string_view json) { return crypto::sha256(as_bytes(json)); }

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
    const auto update = TRY(storage::decode<ConfigUpdate>(transaction.proposal, "a configuration update"));
    if (update.channel != current.config().channel)
        return fail(Code::wrong_channel, "the update is for channel \"{}\"", update.channel.substr(0, 64));
    auto config = TRY(next_channel_config(update.config, current.config()));
    if (transaction.simulation != storage::encode(simulation_of(update, config_update_id(transaction))) ||
        !transaction.endorsements.empty())
        return fail(Code::malformed, "more than the update itself is in its transaction");
    TRY(check_approvals(update, current, time_ms));
    return config;
}

std::shared_ptr<const Membership> membership_after(const storage::BlockHeader& header,
                                                   const std::vector<storage::Batch>& batches,
                                                   std::shared_ptr<const Membership> current) {
    if ((header.flags & storage::BlockHeader::kSealing) == 0) return current;
    if (batches.size() != 1 || batches.front().size() != 1) return current;
    const auto next = [&]() -> Result<std::shared_ptr<const Membership>> {
        const auto transaction = TRY(storage::decode<storage::Transaction>(batches.front().front(), "a transaction"));
        if (transaction.kind != storage::Transaction::Kind::configuration)
            return fail(Code::invalid_argument, "the transaction of a sealing block is no configuration update");
        return Membership::from(TRY(check_config_update(transaction, *current, header.time_ms)));
    }();
    if (next) return *next;
    spdlog::warn("event=configuration_unchanged block={} what=\"{}\"", header.number, next.error().message);
    return current;
}

}  // namespace tally::node
