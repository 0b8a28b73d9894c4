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

constexpr std::int64_t kMaxConfigText = 4 << 20;
constexpr std::size_t kMaxProposals = 16;  // of one organization
constexpr std::size_t kMaxApprovers = 16;  // of one organization and proposal
constexpr std::int64_t kLongestApproval_ms = 31LL * 86'400'000;

struct Propose {
    std::string base;
    std::string config;
    std::string text;
    std::optional<std::string> note;
};
TALLY_FIELDS(Propose, (base, "SHA-256 of the configuration that is to be changed, hex"),
             (config, "SHA-256 of the proposed one, hex"),
             (text, "the proposed configuration, as `config.show` writes it", .max = kMaxConfigText),
             (note, "why", .max = 1000))

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct OfProposal {
    std::string config;
};
TALLY_FIELDS(OfProposal, (config, "SHA-256 of the proposed configuration, hex"))

struct List : chaincode::PageArguments {};
BOOST_DESCRIBE_STRUCT(List, (chaincode::PageArguments), ())

struct Approved {
    std::string config;
    std::int64_t expires_ms = 0;
};
TALLY_FIELDS(Approved, (config, "the proposed configuration"), (expires_ms, "until when the approval counts"))

struct Shown {
    std::string hash;
    std::int64_t version = 0;
    std::string text;
};
TALLY_FIELDS(Shown, (hash, "SHA-256 of the text"), (version, "how often the configuration was changed"),
             (text, "the configuration in force, JSON"))

struct ProposalEvent {
    std::string config;
    std::string organization;
    std::string name;
};
TALLY_FIELDS(ProposalEvent, (config, "the proposed configuration"), (organization, "who did it"),
             (name, "and its admin"))

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

struct ApprovalView : StoredApproval {
    bool expired = false;
};
TALLY_FIELDS_WITH(ApprovalView, (StoredApproval), (expired, "whether it counts no more"))

struct ProposalView {
    std::string config;
    bool open = false;
    bool enough = false;
    std::string note;
    std::string organization;
    std::string name;
    std::int64_t time_ms = 0;
    std::vector<ApprovalView> approvals;
    std::optional<std::string> text;
};
TALLY_FIELDS(ProposalView, (config, "its hash"), (open, "false: the configuration has changed since, and it is void"),
             (enough, "whether it may be applied"), (note, "why"), (organization, "who proposed it"),
             (name, "and its admin"), (time_ms, "when"), (approvals, "who approves it"),
             (text, "the proposed configuration (config.get)"))

struct ProposalPage {
    std::string needed;
    std::string base;
    std::vector<ProposalView> proposals;
    std::optional<std::string> next;
};
TALLY_FIELDS(ProposalPage, (needed, "the policy that approvals must satisfy"),
             (base, "hash of the configuration in force"), (proposals, "those that are open"),
             (next, "the next page's cursor"))

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

ProposalEvent event_of(Stub& stub, const std::string& config) {
    return {config, stub.caller().organization, stub.caller().name};
}

// Of the text only what every release reads in the same way is judged here. Whether it is a configuration that can hold
// depends on what a program knows: that is asked when the update is made, and by every node when it is ordered
// (config_update.h).
Result<OfProposal> propose(Stub& stub, const Propose& in) {
    const auto current = TRY(current_text(stub));
    TRY(check_base(in.base, current));
    if (in.config != config_hash(in.text).hex())
        return fail(Code::invalid_argument, "\"config\" is not the hash of \"text\"");
    const auto head = TRY(head_of_config(in.text));
    const auto before = TRY(head_of_config(current));
    TRY(check_follows(head, before));
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
    chaincode::emit(stub, "proposed", event_of(stub, in.config));
    return OfProposal{in.config};
}

Result<Approved> approve(Stub& stub, const ConfigApproval& in) {
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
    chaincode::emit(stub, "approved", event_of(stub, in.config));
    return Approved{in.config, in.expires_ms};
}

Result<OfProposal> withdraw(Stub& stub, const OfProposal& in) {
    const auto proposal = TRY(find_proposal(stub, in.config));
    if (proposal.organization != stub.caller().organization)
        return fail(Code::permission_denied, "{} has proposed it, and may withdraw it", proposal.organization);
    TRY(forget(stub, proposal));
    chaincode::emit(stub, "withdrawn", event_of(stub, in.config));
    return OfProposal{in.config};
}

Result<Shown> show(Stub& stub, const Nothing&) {
    const auto text = TRY(current_text(stub));
    const auto head = TRY(head_of_config(text));
    return Shown{config_hash(text).hex(), static_cast<std::int64_t>(head.version), text};
}

Result<ProposalView> view_of(Stub& stub, const StoredProposal& proposal, const Policy& policy,
                             std::string_view current_hash) {
    const bool open = proposal.base == current_hash;
    ProposalView view{proposal.config,  open, false, proposal.note, proposal.organization, proposal.name,
                      proposal.time_ms, {},   {}};
    std::vector<Principal> signers;
    const auto [start, end] = chaincode::children_of({"approval", proposal.config});
    for (const auto& each : TRY(stub.range(start, end, {.limit = 10'000})).entries) {
        auto approval = TRY(chaincode::read_document<StoredApproval>(each.value, "an approval"));
        const bool expired = stub.time_ms() >= approval.expires_ms;
        if (!expired) signers.push_back({approval.organization, "admin"});
        view.approvals.push_back({std::move(approval), expired});
    }
    view.enough = open && policy.satisfied_by(signers);
    return view;
}

Result<Policy> policy_of_changes(const ChannelConfig& config) {
    return Policy::parse(config.configuration, config.organization_ids(), "admin");
}

Result<ProposalView> get(Stub& stub, const OfProposal& in) {
    const auto current = TRY(current_text(stub));
    const auto proposal = TRY(find_proposal(stub, in.config));
    const auto policy = TRY(policy_of_changes(TRY(parse_channel_config(current))));
    auto view = TRY(view_of(stub, proposal, policy, config_hash(current).hex()));
    view.text = TRY(stub.get(text_key(in.config))).value_or("");
    return view;
}

// A void proposal leaves the list at once, and the ledger when its organization proposes again.
Result<ProposalPage> proposals(Stub& stub, const List& in) {
    const auto current = TRY(current_text(stub));
    const auto config = TRY(parse_channel_config(current));
    const auto policy = TRY(policy_of_changes(config));
    ProposalPage page{config.configuration, config_hash(current).hex(), {}, {}};
    page.next = TRY(chaincode::Pager({"proposal"}).read(stub, in, [&](const auto& entry) -> Result<bool> {
        const auto proposal = TRY(chaincode::read_document<StoredProposal>(entry.value, kProposal));
        if (proposal.base != page.base) return false;
        page.proposals.push_back(TRY(view_of(stub, proposal, policy, page.base)));
        return true;
    }));
    return page;
}

}  // namespace

chaincode::Contract config_contract() {
    const std::vector<std::string> admins{"admin"};
    chaincode::Contract contract(std::string(kConfigSpace), 1, "The channel's configuration, and changes of it");
    contract
        .add(&propose,
             {.name = "propose", .summary = "Proposes another configuration", .writes = true, .roles = admins})
        .add(&approve,
             {.name = "approve", .summary = "Approves a proposed configuration", .writes = true, .roles = admins})
        .add(&withdraw, {.name = "withdraw",
                         .summary = "Withdraws a configuration that the caller's organization proposed",
                         .writes = true,
                         .roles = admins})
        .add(&show, {.name = "show", .summary = "The configuration as it is"})
        .add(&get, {.name = "get", .summary = "One proposed configuration and who approves it"})
        .add(&proposals, {.name = "proposals", .summary = "What is proposed and who approves it"})
        .event<ProposalEvent>("proposed", "A configuration was proposed")
        .event<ProposalEvent>("approved", "An admin has approved a proposed configuration")
        .event<ProposalEvent>("withdrawn", "A proposed configuration was withdrawn");
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
