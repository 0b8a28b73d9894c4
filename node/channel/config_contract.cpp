#include "node/channel/config_contract.h"

#include <set>

#include "chaincode/contracts/document.h"
#include "node/channel/config_update.h"

namespace tally::node {

namespace json = boost::json;
using chaincode::composite_key;
using chaincode::Stub;

namespace {

constexpr std::size_t kMaxNote = 1000;
constexpr std::size_t kMaxListed = 100;

struct Propose {
    std::string base;
    std::string config;
    std::string text;
    std::optional<std::string> note;

    static std::string_view describe(std::string_view member) {
        if (member == "base") return "SHA-256 of the configuration that is to be changed, hex";
        if (member == "config") return "SHA-256 of the proposed one, hex";
        if (member == "text") return "the proposed configuration, as `config.show` writes it";
        return "why";
    }
};
BOOST_DESCRIBE_STRUCT(Propose, (), (base, config, text, note))

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct OfProposal {
    std::string config;
};
BOOST_DESCRIBE_STRUCT(OfProposal, (), (config))

// On the ledger.
struct StoredProposal {
    std::string base;
    std::string text;
    std::string note;
    std::string organization;
    std::string name;
    std::int64_t time_ms = 0;
};
BOOST_DESCRIBE_STRUCT(StoredProposal, (), (base, text, note, organization, name, time_ms))

struct StoredApproval {
    std::string organization;
    std::string name;
    std::string transaction;  // id, hex
    std::int64_t time_ms = 0;
};
BOOST_DESCRIBE_STRUCT(StoredApproval, (), (organization, name, transaction, time_ms))

std::string proposal_key(std::string_view config) { return composite_key({"proposal", config}); }

Result<ChannelConfig> current_config(Stub& stub, std::string& text) {
    auto stored = TRY(stub.get(kConfigKey));
    if (!stored) return fail(Code::corrupt, "the ledger holds no channel configuration");
    text = std::move(*stored);
    return parse_channel_config(text);
}

Status check_base(std::string_view base, std::string_view current) {
    const auto now = config_hash(current).hex();
    if (base == now) return {};
    return fail(Code::conflict, "\"base\" is {}; the channel's configuration is {} now", base.substr(0, 64), now);
}

Status approve_as_caller(Stub& stub, std::string_view config) {
    const auto& caller = stub.caller();
    const auto key = composite_key({"approval", config, caller.organization, caller.name});
    if (TRY(stub.get(key)))
        return fail(Code::already_exists, "{} of {} has approved it already", caller.name, caller.organization);
    return chaincode::put_document(
        stub, key, StoredApproval{caller.organization, caller.name, stub.transaction_id().hex(), stub.time_ms()});
}

json::object event_of(Stub& stub, std::string_view config) {
    return {{"config", config}, {"organization", stub.caller().organization}, {"name", stub.caller().name}};
}

Result<json::value> propose(Stub& stub, const Propose& in) {
    std::string text;
    const auto current = TRY(current_config(stub, text));
    TRY(check_base(in.base, text));
    TRY(next_channel_config(in.text, current));
    if (in.config != config_hash(in.text).hex())
        return fail(Code::invalid_argument, "\"config\" is not the hash of \"text\"");
    if (in.note.value_or("").size() > kMaxNote)
        return fail(Code::invalid_argument, "\"note\" has more than {} characters", kMaxNote);
    const auto key = proposal_key(in.config);
    if (TRY(stub.get(key))) return fail(Code::already_exists, "this configuration is proposed already; approve it");
    const auto& caller = stub.caller();
    TRY(chaincode::put_document(
        stub, key,
        StoredProposal{in.base, in.text, in.note.value_or(""), caller.organization, caller.name, stub.time_ms()}));
    TRY(approve_as_caller(stub, in.config));
    stub.emit("proposed", event_of(stub, in.config));
    return json::object{{"config", in.config}};
}

Result<json::value> approve(Stub& stub, const ConfigApproval& in) {
    std::string text;
    TRY(current_config(stub, text));
    TRY(check_base(in.base, text));
    const auto proposal =
        TRY(chaincode::get_document<StoredProposal>(stub, proposal_key(in.config), "a proposed configuration"));
    if (!proposal) return fail(Code::not_found, "nothing with the hash {} is proposed", in.config.substr(0, 64));
    if (proposal->base != in.base) return fail(Code::conflict, "the proposal is for an earlier configuration");
    TRY(approve_as_caller(stub, in.config));
    stub.emit("approved", event_of(stub, in.config));
    return json::object{{"config", in.config}};
}

Result<json::value> withdraw(Stub& stub, const OfProposal& in) {
    const auto key = proposal_key(in.config);
    const auto proposal = TRY(chaincode::get_document<StoredProposal>(stub, key, "a proposed configuration"));
    if (!proposal) return fail(Code::not_found, "nothing with the hash {} is proposed", in.config.substr(0, 64));
    if (proposal->organization != stub.caller().organization)
        return fail(Code::permission_denied, "{} has proposed it, and may withdraw it", proposal->organization);
    const auto [start, end] = chaincode::children_of({"approval", in.config});
    const auto approvals = TRY(stub.range(start, end, {.limit = 1000}));
    for (const auto& each : approvals.entries) TRY(stub.remove(each.key));
    TRY(stub.remove(key));
    stub.emit("withdrawn", event_of(stub, in.config));
    return json::object{{"config", in.config}};
}

Result<json::value> show(Stub& stub, const Nothing&) {
    std::string text;
    const auto config = TRY(current_config(stub, text));
    return json::object{{"hash", config_hash(text).hex()}, {"version", config.version}, {"text", text}};
}

Result<json::object> describe(Stub& stub, std::string_view id, const StoredProposal& proposal, const Policy& policy,
                              std::string_view current_hash) {
    json::array approvals;
    std::vector<Principal> signers;
    const auto [start, end] = chaincode::children_of({"approval", id});
    const auto page = TRY(stub.range(start, end, {.limit = 1000}));
    for (const auto& each : page.entries) {
        const auto approval = TRY(chaincode::read_document<StoredApproval>(each.value, "an approval"));
        signers.push_back({approval.organization, "admin"});
        approvals.push_back(chaincode::to_json(approval));
    }
    const bool open = proposal.base == current_hash;
    return json::object{{"config", id},
                        {"in_force", id == current_hash},
                        {"open", open},  // else the configuration has changed since, and it is void
                        {"enough", open && policy.satisfied_by(signers)},
                        {"note", proposal.note},
                        {"organization", proposal.organization},
                        {"name", proposal.name},
                        {"time_ms", proposal.time_ms},
                        {"approvals", std::move(approvals)}};
}

Result<Policy> policy_of_changes(const ChannelConfig& config) {
    return Policy::parse(config.configuration, config.organization_ids(), "admin");
}

Result<json::value> get(Stub& stub, const OfProposal& in) {
    std::string text;
    const auto config = TRY(current_config(stub, text));
    const auto proposal =
        TRY(chaincode::get_document<StoredProposal>(stub, proposal_key(in.config), "a proposed configuration"));
    if (!proposal) return fail(Code::not_found, "nothing with the hash {} is proposed", in.config.substr(0, 64));
    auto out = TRY(describe(stub, in.config, *proposal, TRY(policy_of_changes(config)), config_hash(text).hex()));
    out.emplace("text", proposal->text);
    return out;
}

Result<json::value> proposals(Stub& stub, const Nothing&) {
    std::string text;
    const auto config = TRY(current_config(stub, text));
    const auto policy = TRY(policy_of_changes(config));
    json::array out;
    const auto [start, end] = chaincode::children_of({"proposal"});
    const auto page = TRY(stub.range(start, end, {.limit = kMaxListed}));
    for (const auto& each : page.entries) {
        const auto proposal = TRY(chaincode::read_document<StoredProposal>(each.value, "a proposed configuration"));
        const auto id = each.key.substr(start.size());
        out.push_back(TRY(describe(stub, id, proposal, policy, config_hash(text).hex())));
    }
    return json::object{{"needed", config.configuration}, {"proposals", std::move(out)}};
}

}  // namespace

chaincode::Contract config_contract() {
    const std::vector<std::string> admins{"admin"};
    chaincode::Contract contract(std::string(kConfigSpace), "The channel's configuration, and changes of it");
    contract.add<Propose>({.name = "propose",
                           .summary = "Proposes another configuration, and approves it",
                           .writes = true,
                           .origin_signed = false,
                           .roles = admins},
                          &propose);
    contract.add<ConfigApproval>({.name = "approve",
                                  .summary = "Approves a proposed configuration",
                                  .writes = true,
                                  .origin_signed = false,
                                  .roles = admins},
                                 &approve);
    contract.add<OfProposal>({.name = "withdraw",
                              .summary = "Takes back what one's organization proposed",
                              .writes = true,
                              .origin_signed = false,
                              .roles = admins},
                             &withdraw);
    contract.add<Nothing>(
        {.name = "show", .summary = "The configuration as it is", .writes = false, .origin_signed = false, .roles = {}},
        &show);
    contract.add<OfProposal>({.name = "get",
                              .summary = "One proposed configuration and who approves it",
                              .writes = false,
                              .origin_signed = false,
                              .roles = {}},
                             &get);
    contract.add<Nothing>({.name = "proposals",
                           .summary = "What is proposed and who approves it",
                           .writes = false,
                           .origin_signed = false,
                           .roles = {}},
                          &proposals);
    return contract;
}

const chaincode::ContractSet& node_contracts() {
    static const chaincode::ContractSet contracts = [] {
        auto set = chaincode::standard_contracts();
        set.add(config_contract());
        return set;
    }();
    return contracts;
}

Result<ConfigProposal> read_config_proposal(const storage::StateReader& state, const crypto::Hash& hash) {
    const auto stored = TRY(state.get({std::string(kConfigSpace), proposal_key(hash.hex())}));
    if (!stored) return fail(Code::not_found, "no configuration with the hash {} is proposed", hash.hex());
    ConfigProposal out;
    out.config = TRY(chaincode::read_document<StoredProposal>(as_text(stored->value), "a proposed configuration")).text;
    const auto [start, end] = chaincode::children_of({"approval", hash.hex()});
    Status read;
    TRY(state.scan(kConfigSpace, start, end, false, [&](std::string_view, const storage::VersionedValue& value) {
        const auto approval = chaincode::read_document<StoredApproval>(as_text(value.value), "an approval");
        const auto id = approval ? crypto::Hash::from_hex(approval->transaction)
                                 : Result<crypto::Hash>(std::unexpected(approval.error()));
        if (id)
            out.approvals.push_back(*id);
        else
            read = std::unexpected(id.error());
        return read.has_value();
    }));
    TRY(read);
    return out;
}

}  // namespace tally::node
