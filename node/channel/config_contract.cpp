#include "node/channel/config_contract.h"

#include <set>

#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "node/channel/config_update.h"

namespace tally::node {

namespace json = boost::json;
using chaincode::composite_key;
using chaincode::Stub;

namespace {

constexpr std::size_t kMaxNote = 1000;
constexpr std::size_t kMaxText = 4U << 20;
constexpr std::size_t kMaxProposals = 16;  // of one organization
constexpr std::size_t kMaxApprovers = 16;  // of one organization and proposal
constexpr std::int64_t kLongestApproval_ms = 31LL * 86'400'000;
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

struct List {
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member) {
        return member == "limit" ? "at most so many" : "`next` of the page before";
    }
};
BOOST_DESCRIBE_STRUCT(List, (), (limit, cursor))

// On the ledger.
struct StoredProposal {
    std::string config;
    std::string base;
    std::string note;
    std::string organization;
    std::string name;
    std::int64_t time_ms = 0;
    Versions needs;  // that the configuration names
};
BOOST_DESCRIBE_STRUCT(StoredProposal, (), (config, base, note, organization, name, time_ms, needs))

struct StoredApproval {
    std::string organization;
    std::string name;
    std::string transaction;  // id, hex
    std::int64_t time_ms = 0;
    std::int64_t expires_ms = 0;
};
BOOST_DESCRIBE_STRUCT(StoredApproval, (), (organization, name, transaction, time_ms, expires_ms))

constexpr std::string_view kProposal = "a proposed configuration";

std::string proposal_key(std::string_view organization, std::string_view config) {
    return composite_key({"proposal", organization, config});
}
std::string text_key(std::string_view config) { return composite_key({"text", config}); }
std::string owner_key(std::string_view config) { return composite_key({"owner", config}); }

Result<std::string> current_text(Stub& stub) {
    auto stored = TRY(stub.get(kConfigKey));
    if (!stored) return fail(Code::corrupt, "the ledger holds no channel configuration");
    return std::move(*stored);
}

Status check_base(std::string_view base, std::string_view current) {
    const auto now = config_hash(current).hex();
    if (base == now) return {};
    return fail(Code::conflict, "\"base\" is {}; the channel's configuration is {} now", base.substr(0, 64), now);
}

Result<StoredProposal> find_proposal(Stub& stub, std::string_view config) {
    std::optional<StoredProposal> proposal;
    TRY(crypto::Hash::from_hex(config));
    if (const auto owner = TRY(stub.get(owner_key(config))))
        proposal = TRY(chaincode::get_document<StoredProposal>(stub, proposal_key(*owner, config), kProposal));
    if (!proposal) return fail(Code::not_found, "nothing with the hash {} is proposed", config.substr(0, 64));
    return std::move(*proposal);
}

Result<std::vector<StoredProposal>> proposals_of(Stub& stub, std::string_view organization) {
    std::vector<StoredProposal> out;
    const auto [start, end] = chaincode::children_of({"proposal", organization});
    for (const auto& each : TRY(stub.range(start, end, {.limit = kMaxProposals + 1})).entries)
        out.push_back(TRY(chaincode::read_document<StoredProposal>(each.value, kProposal)));
    return out;
}

Status forget(Stub& stub, const StoredProposal& proposal) {
    const auto [start, end] = chaincode::children_of({"approval", proposal.config});
    for (const auto& each : TRY(stub.range(start, end, {.limit = 10'000})).entries) TRY(stub.remove(each.key));
    TRY(stub.remove(text_key(proposal.config)));
    TRY(stub.remove(owner_key(proposal.config)));
    return stub.remove(proposal_key(proposal.organization, proposal.config));
}

json::object event_of(Stub& stub, std::string_view config) {
    return {{"config", config}, {"organization", stub.caller().organization}, {"name", stub.caller().name}};
}

// Of the text only what every release reads in the same way is judged here. Whether it is a configuration that can hold
// depends on what a program knows: that is asked when the update is made, and by every node when it is ordered
// (config_update.h).
Result<json::value> propose(Stub& stub, const Propose& in) {
    const auto current = TRY(current_text(stub));
    TRY(check_base(in.base, current));
    if (in.config != config_hash(in.text).hex())
        return fail(Code::invalid_argument, "\"config\" is not the hash of \"text\"");
    if (in.text.size() > kMaxText)
        return fail(Code::too_large, "\"text\" has {} bytes; {} are allowed", in.text.size(), kMaxText);
    const auto head = TRY(head_of_config(in.text));
    const auto before = TRY(head_of_config(current));
    TRY(check_follows(head, before));
    if (in.note.value_or("").size() > kMaxNote)
        return fail(Code::invalid_argument, "\"note\" has more than {} characters", kMaxNote);
    if (TRY(stub.get(owner_key(in.config))))
        return fail(Code::already_exists, "this configuration is proposed already; approve it");
    const auto& caller = stub.caller();
    std::size_t open = 0;
    for (const auto& earlier : TRY(proposals_of(stub, caller.organization))) {
        if (earlier.base == in.base)
            ++open;
        else
            TRY(forget(stub, earlier));
    }
    if (open >= kMaxProposals)
        return fail(Code::too_large, "{} has {} open proposals; withdraw one", caller.organization, open);
    const StoredProposal proposal{in.config,      in.base,   in.note.value_or(""), caller.organization, caller.name,
                                  stub.time_ms(), head.needs};
    TRY(chaincode::put_document(stub, proposal_key(caller.organization, in.config), proposal));
    TRY(stub.put(owner_key(in.config), caller.organization));
    TRY(stub.put(text_key(in.config), in.text));
    stub.emit("proposed", event_of(stub, in.config));
    return json::object{{"config", in.config}};
}

Result<json::value> approve(Stub& stub, const ConfigApproval& in) {
    TRY(check_base(in.base, TRY(current_text(stub))));
    const auto proposal = TRY(find_proposal(stub, in.config));
    if (proposal.base != in.base) return fail(Code::conflict, "the proposal is for an earlier configuration");
    if (auto covered = check_covered(proposal.needs, in.knows); !covered)
        return std::unexpected(covered.error().within("the approver's node"));
    if (in.expires_ms <= stub.time_ms() || in.expires_ms > stub.time_ms() + kLongestApproval_ms)
        return fail(Code::invalid_argument, "\"expires_ms\" must be within 31 days from now");
    const auto& caller = stub.caller();
    const auto key = composite_key({"approval", in.config, caller.organization, caller.name});
    const auto [start, end] = chaincode::children_of({"approval", in.config, caller.organization});
    if (!TRY(stub.get(key)) && TRY(stub.range(start, end, {.limit = kMaxApprovers})).entries.size() == kMaxApprovers)
        return fail(Code::too_large, "{} admins of {} have approved it; that is enough", kMaxApprovers,
                    caller.organization);
    TRY(chaincode::put_document(
        stub, key,
        StoredApproval{caller.organization, caller.name, stub.transaction_id().hex(), stub.time_ms(), in.expires_ms}));
    stub.emit("approved", event_of(stub, in.config));
    return json::object{{"config", in.config}, {"expires_ms", in.expires_ms}};
}

Result<json::value> withdraw(Stub& stub, const OfProposal& in) {
    const auto proposal = TRY(find_proposal(stub, in.config));
    if (proposal.organization != stub.caller().organization)
        return fail(Code::permission_denied, "{} has proposed it, and may withdraw it", proposal.organization);
    TRY(forget(stub, proposal));
    stub.emit("withdrawn", event_of(stub, in.config));
    return json::object{{"config", in.config}};
}

Result<json::value> show(Stub& stub, const Nothing&) {
    const auto text = TRY(current_text(stub));
    const auto head = TRY(head_of_config(text));
    return json::object{{"hash", config_hash(text).hex()}, {"version", head.version}, {"text", text}};
}

Result<json::object> describe(Stub& stub, const StoredProposal& proposal, const Policy& policy,
                              std::string_view current_hash) {
    json::array approvals;
    std::vector<Principal> signers;
    std::int64_t until = INT64_MAX;  // of the first approval that expires
    const auto [start, end] = chaincode::children_of({"approval", proposal.config});
    for (const auto& each : TRY(stub.range(start, end, {.limit = 10'000})).entries) {
        const auto approval = TRY(chaincode::read_document<StoredApproval>(each.value, "an approval"));
        auto shown = chaincode::to_json(approval).get_object();
        const bool holds = stub.time_ms() < approval.expires_ms;
        shown["expired"] = !holds;
        approvals.push_back(std::move(shown));
        if (!holds) continue;
        signers.push_back({approval.organization, "admin"});
        until = std::min(until, approval.expires_ms);
    }
    const bool open = proposal.base == current_hash;
    return json::object{{"config", proposal.config},
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
    const auto current = TRY(current_text(stub));
    const auto proposal = TRY(find_proposal(stub, in.config));
    const auto policy = TRY(policy_of_changes(TRY(parse_channel_config(current))));
    auto out = TRY(describe(stub, proposal, policy, config_hash(current).hex()));
    out.emplace("text", TRY(stub.get(text_key(in.config))).value_or(""));
    return out;
}

// Those that are open. What is void leaves the list at once, and the ledger when its organization proposes again.
Result<json::value> proposals(Stub& stub, const List& in) {
    const auto current = TRY(current_text(stub));
    const auto config = TRY(parse_channel_config(current));
    const auto policy = TRY(policy_of_changes(config));
    const auto hash = config_hash(current).hex();
    const auto limit = TRY(chaincode::page_limit(in.limit, kMaxListed, kMaxListed));
    auto [start, end] = chaincode::children_of({"proposal"});
    if (in.cursor) {
        const auto slash = in.cursor->rfind('/');
        if (slash == std::string::npos) return fail(Code::invalid_argument, "\"cursor\" is not one of this list");
        start = chaincode::just_behind(proposal_key(in.cursor->substr(0, slash), in.cursor->substr(slash + 1)));
    }
    json::array out;
    std::optional<std::string> next;
    for (bool more = true; more && !next;) {
        const auto page = TRY(stub.range(start, end, {.limit = 100}));
        for (const auto& each : page.entries) {
            const auto proposal = TRY(chaincode::read_document<StoredProposal>(each.value, kProposal));
            start = chaincode::just_behind(each.key);
            if (proposal.base != hash || next) continue;
            out.push_back(TRY(describe(stub, proposal, policy, hash)));
            if (out.size() == limit) next = fmt::format("{}/{}", proposal.organization, proposal.config);
        }
        more = page.more;
    }
    json::object answer{{"needed", config.configuration}, {"base", hash}, {"proposals", std::move(out)}};
    if (next) answer["next"] = *next;
    return answer;
}

}  // namespace

chaincode::Contract config_contract() {
    const std::vector<std::string> admins{"admin"};
    chaincode::Contract contract(std::string(kConfigSpace), 1, "The channel's configuration, and changes of it");
    contract.add<Propose>(
        {.name = "propose", .summary = "Proposes another configuration", .writes = true, .roles = admins}, &propose);
    contract.add<ConfigApproval>(
        {.name = "approve", .summary = "Approves a proposed configuration", .writes = true, .roles = admins}, &approve);
    contract.add<OfProposal>(
        {.name = "withdraw", .summary = "Takes back what one's organization proposed", .writes = true, .roles = admins},
        &withdraw);
    contract.add<Nothing>({.name = "show", .summary = "The configuration as it is", .writes = false, .roles = {}},
                          &show);
    contract.add<OfProposal>(
        {.name = "get", .summary = "One proposed configuration and who approves it", .writes = false, .roles = {}},
        &get);
    contract.add<List>(
        {.name = "proposals", .summary = "What is proposed and who approves it", .writes = false, .roles = {}},
        &proposals);
    return contract;
}

Result<ConfigProposal> read_config_proposal(const storage::StateReader& state, const crypto::Hash& hash) {
    const auto stored = TRY(state.get({std::string(kConfigSpace), text_key(hash.hex())}));
    if (!stored) return fail(Code::not_found, "no configuration with the hash {} is proposed", hash.hex());
    ConfigProposal out;
    out.config = as_text(stored->value);
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
