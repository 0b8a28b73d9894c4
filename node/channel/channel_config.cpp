#include "node/channel/channel_config.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/x509.h"
#include "crypto/z85.h"
#include "node/addresses/host_port.h"
#include "node/channel/policy.h"
#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"
#include "storage/model/transaction.h"

namespace tally::node {
namespace {

constexpr std::size_t kMaxResidency = 100;
constexpr std::uint64_t kMaxLevel = 1'000'000;
constexpr std::size_t kMaxContracts = 256;
constexpr std::size_t kMaxConfigBytes = 8U << 20;
constexpr std::size_t kMaxRoots = 16;  // of one organization
constexpr std::size_t kMaxIntermediates = 32;
constexpr std::size_t kMaxLists = 32;

// A view's timeout is twice as long at least, and must not exceed what voters allow the time of a block to be behind
// their clocks (consensus/simplex.h).
constexpr std::int64_t kMaxBatchTimeoutMs = 5000;

std::unexpected<Error> bad(std::string_view field, std::string_view sentence) {
    return fail(Code::bad_configuration, "channel configuration: \"{}\": {}", field, sentence);
}

Status check_named(std::string_view field, std::string_view name) {
    if (const auto status = check_name(name); !status) return bad(field, status.error().message);
    return {};
}

Status check_address(const std::string& field, std::string_view address) {
    if (const auto parsed = HostPort::parse(address); !parsed) return bad(field, parsed.error().message);
    return {};
}

template <class Parsed>
Result<std::vector<Parsed>> parse_pems(const std::string& field, const std::vector<std::string>& pems,
                                       std::size_t max) {
    if (pems.size() > max) return bad(field, fmt::format("{} are there; {} are allowed", pems.size(), max));
    std::vector<Parsed> all;
    for (std::size_t i = 0; i < pems.size(); ++i) {
        auto parsed = Parsed::from_pem(pems[i]);
        if (!parsed) return bad(fmt::format("{}[{}]", field, i), parsed.error().message);
        all.push_back(*std::move(parsed));
    }
    return all;
}

// A list in the name of an authority that has not signed it would end every path through that authority. (One of an
// authority that is not configured may belong to certificates that members present.)
Status check_authorities(const std::string& field, const OrganizationConfig& organization) {
    if (organization.roots.empty()) return bad(field + ".roots", "at least one certificate is needed");
    auto authorities = TRY(parse_pems<crypto::Certificate>(field + ".roots", organization.roots, kMaxRoots));
    for (auto& each :
         TRY(parse_pems<crypto::Certificate>(field + ".intermediates", organization.intermediates, kMaxIntermediates)))
        authorities.push_back(std::move(each));
    const auto lists = TRY(parse_pems<crypto::RevocationList>(field + ".crls", organization.crls, kMaxLists));
    for (std::size_t i = 0; i < lists.size(); ++i) {
        for (const auto& authority : authorities) {
            if (!crypto::is_list_of(lists[i], authority)) continue;
            if (const auto status = crypto::verify_list(lists[i], authority); !status)
                return bad(fmt::format("{}.crls[{}]", field, i), status.error().message);
        }
    }
    return {};
}

Status check_organizations(const ChannelConfig& config) {
    if (config.organizations.empty()) return bad("organizations", "at least one is needed");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config.organizations.size(); ++i) {
        const auto& organization = config.organizations[i];
        const auto field = fmt::format("organizations[{}]", i);
        TRY(check_named(field + ".id", organization.id));
        if (!seen.insert(organization.id).second) return bad(field + ".id", "it occurs twice");
        TRY(check_authorities(field, organization));
    }
    return {};
}

Status check_orderers(const ChannelConfig& config) {
    if (config.orderers.empty()) return bad("orderers", "at least one is needed");
    const auto organizations = config.organization_ids();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config.orderers.size(); ++i) {
        const auto& orderer = config.orderers[i];
        const auto field = fmt::format("orderers[{}]", i);
        TRY(check_named(field + ".id", orderer.id));
        if (!seen.insert(orderer.id).second) return bad(field + ".id", "it occurs twice");
        if (std::find(organizations.begin(), organizations.end(), orderer.organization) == organizations.end()) {
            return bad(field + ".organization", fmt::format("there is no organization \"{}\"", orderer.organization));
        }
        if (const auto key = crypto::PublicKey::from_pem(orderer.public_key); !key) {
            return bad(field + ".public_key", key.error().message);
        }
    }
    return {};
}

Status check_nodes(const ChannelConfig& config) {
    const auto organizations = config.organization_ids();
    std::set<std::string> seen;
    std::set<std::string> keys;
    std::set<std::string> addresses;
    for (std::size_t i = 0; i < config.nodes.size(); ++i) {
        const auto& node = config.nodes[i];
        const auto field = fmt::format("nodes[{}]", i);
        TRY(check_named(field + ".id", node.id));
        if (!seen.insert(node.id).second) return bad(field + ".id", "it occurs twice");
        if (std::find(organizations.begin(), organizations.end(), node.organization) == organizations.end()) {
            return bad(field + ".organization", fmt::format("there is no organization \"{}\"", node.organization));
        }
        TRY(check_address(field + ".address", node.address));
        if (!addresses.insert(node.address).second) return bad(field + ".address", "another node has it too");
        if (node.transport_key.size() != 40 || !crypto::is_z85(node.transport_key))
            return bad(field + ".transport_key", "it is not a CURVE key of 40 characters");
        if (!keys.insert(node.transport_key).second) return bad(field + ".transport_key", "another node has it too");
    }
    for (const auto& orderer : config.orderers) {
        const auto* node = config.node(orderer.id);
        if (node == nullptr && config.orderers.size() > 1)
            return bad("nodes", fmt::format("there is no node for the orderer \"{}\"", orderer.id));
        if (node != nullptr && node->organization != orderer.organization)
            return bad("orderers", fmt::format("\"{}\" is of {}, its node of {}", orderer.id, orderer.organization,
                                               node->organization));
    }
    return {};
}

Status check_contracts(const ChannelConfig& config) {
    const auto& contracts = config.contracts;
    const auto by_name = [](const auto& a, const auto& b) { return a.contract < b.contract; };
    if (!std::is_sorted(contracts.begin(), contracts.end(), by_name))
        return bad("contracts", "they must be sorted by name");
    for (std::size_t i = 1; i < contracts.size(); ++i) {
        if (contracts[i].contract == contracts[i - 1].contract)
            return bad(fmt::format("contracts[{}]", i), fmt::format("\"{}\" occurs twice", contracts[i].contract));
    }
    const auto is_config = [](const auto& each) { return each.contract == kConfigSpace; };
    if (std::none_of(contracts.begin(), contracts.end(), is_config))
        return bad("contracts", fmt::format("\"{}\" must be one of them", kConfigSpace));
    return {};
}

Status check(const ChannelConfig& config) {
    TRY(check_named("channel", config.channel));
    TRY(check_contracts(config));
    if (config.fault_model != "byzantine" && config.fault_model != "crash") {
        return bad("fault_model", "it must be \"byzantine\" or \"crash\"");
    }
    if (config.submission != "signed" && config.submission != kAnySubmission)
        return bad("submission", "it must be \"signed\" or \"any\"");
    TRY(check_organizations(config));
    TRY(check_orderers(config));
    TRY(check_nodes(config));
    const auto& batch = config.batch;
    if (batch.max_messages < 1 || batch.max_messages > consensus::kMaxBlockMessages)
        return bad("batch.max_messages", "1 to 100000 are allowed");
    if (batch.absolute_max_bytes < 4096 || batch.absolute_max_bytes > kMaxTransactionBytes) {
        return bad("batch.absolute_max_bytes", "4096 to 64 MiB are allowed");
    }
    if (batch.preferred_bytes < 1024 || batch.preferred_bytes > batch.absolute_max_bytes) {
        return bad("batch.preferred_bytes", "it must be from 1024 to absolute_max_bytes");
    }
    if (batch.timeout_ms < 1 || batch.timeout_ms > kMaxBatchTimeoutMs)
        return bad("batch.timeout_ms", fmt::format("1 to {} are allowed", kMaxBatchTimeoutMs));
    if (config.proposal_lifetime_ms < 1000 || config.proposal_lifetime_ms > 86'400'000) {
        return bad("proposal_lifetime_ms", "1000 to 86400000 are allowed");
    }
    if (const auto& text = config.residency; text && (text->empty() || text->size() > kMaxResidency))
        return bad("residency", "1 to 100 bytes of text are allowed; leave it away to say nothing");
    const auto organizations = config.organization_ids();
    TRY(Policy::parse(config.endorsement, organizations));
    TRY(Policy::parse(config.receipt, organizations));
    TRY(Policy::parse(config.configuration, organizations, "admin"));
    std::set<std::string> seen;
    for (const auto& each : config.policies) {
        if (!seen.insert(each.contract).second)
            return bad("policies", fmt::format("\"{}\" occurs twice", each.contract));
        TRY(Policy::parse(each.policy, organizations));
    }
    return {};
}

Result<ConfigHead> head_of_value(const boost::json::value& value) {
    const auto* object = value.if_object();
    const auto member = [&](std::string_view name) { return object == nullptr ? nullptr : object->if_contains(name); };
    const auto text = [&](std::string_view name) -> Result<std::string> {
        const auto* found = member(name);
        if (found == nullptr || !found->is_string()) return bad(name, "a text is wanted");
        return std::string(found->get_string());
    };
    const auto number = [&](std::string_view name) -> Result<std::uint64_t> {
        const auto* found = member(name);
        if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return bad(name, "a number is wanted");
        return static_cast<std::uint64_t>(found->get_int64());
    };
    ConfigHead head;
    head.channel = TRY(text("channel"));
    head.version = TRY(number("version"));
    const auto level = TRY(number("rules"));
    if (level < 1 || level > kMaxLevel) return bad("rules", fmt::format("1 to {} are allowed", kMaxLevel));
    head.needs.rules = static_cast<std::uint32_t>(level);
    const auto* contracts = member("contracts");
    if (contracts == nullptr || !contracts->is_array() || contracts->get_array().size() > kMaxContracts)
        return bad("contracts", fmt::format("a list of at most {} is wanted", kMaxContracts));
    for (const auto& each : contracts->get_array()) {
        auto one = chaincode::from_json<chaincode::ContractVersion>(each);
        if (!one) return bad("contracts", one.error().message);
        head.needs.contracts.push_back(std::move(*one));
    }
    return head;
}

constexpr chaincode::JsonLimits kConfigLimits{.max_bytes = kMaxConfigBytes, .max_depth = 16};

}  // namespace

std::vector<std::string> ChannelConfig::organization_ids() const {
    std::vector<std::string> ids;
    ids.reserve(organizations.size());
    for (const auto& organization : organizations) ids.push_back(organization.id);
    return ids;
}

const NodeEntry* ChannelConfig::node(std::string_view id) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& each) { return each.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

std::vector<const NodeEntry*> ChannelConfig::nodes_with(std::string_view role) const {
    std::vector<const NodeEntry*> found;
    for (const auto& each : nodes) {
        if (std::find(each.roles.begin(), each.roles.end(), role) != each.roles.end()) found.push_back(&each);
    }
    return found;
}

consensus::FaultModel ChannelConfig::model() const {
    return fault_model == "crash" ? consensus::FaultModel::crash : consensus::FaultModel::byzantine;
}

consensus::BatchLimits ChannelConfig::batch_limits() const {
    return {batch.max_messages, batch.preferred_bytes, batch.absolute_max_bytes, batch.timeout_ms};
}

Status check_name(std::string_view name) {
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    const auto allowed = [&](char c) { return plain(c) || c == '-' || c == '_' || c == '.'; };
    if (!name.empty() && name.size() <= 64 && plain(name.front()) && std::ranges::all_of(name, allowed)) return {};
    return fail(Code::invalid_argument,
                "\"{}\" is not a name of 1 to 64 letters, digits, '-', '_' or '.' that begins with a letter or a digit",
                name.substr(0, 64));
}

Result<ConfigHead> head_of_config(std::string_view json_text) {
    return head_of_value(TRY(chaincode::parse_json(json_text, "channel configuration", kConfigLimits)));
}

Result<ChannelConfig> parse_channel_config(std::string_view json_text) {
    const auto value = TRY(chaincode::parse_json(json_text, "channel configuration", kConfigLimits));
    const auto head = TRY(head_of_value(value));
    if (const auto status = check_covered(head.needs, known_versions()); !status)
        return std::unexpected(status.error().within("this program is too old for the channel's configuration"));
    auto config = chaincode::from_json<ChannelConfig>(value);
    if (!config) return fail(Code::bad_configuration, "channel configuration: {}", config.error().message);
    TRY(check(*config));
    return config;
}

std::string channel_config_json(const ChannelConfig& config) {
    return chaincode::json_text(chaincode::to_json(config));
}

Status check_residency(const ChannelConfig& config, const std::string& where) {
    if (where.empty() || !config.residency || *config.residency == where) return {};
    return fail(Code::bad_configuration, "the channel {} keeps its data in {}; this node is in {}", config.channel,
                *config.residency, where);
}

Status check_follows(const ConfigHead& next, const ConfigHead& current) {
    if (next.channel != current.channel) return bad("channel", fmt::format("it is \"{}\" for ever", current.channel));
    if (next.version != current.version + 1)
        return bad("version", fmt::format("it is {} where {} is next", next.version, current.version + 1));
    return {};
}

Result<ChannelConfig> next_channel_config(std::string_view json_text, const ChannelConfig& current) {
    auto next = TRY(parse_channel_config(json_text));
    TRY(check_follows({next.channel, next.version, {}}, {current.channel, current.version, {}}));
    for (const auto& node : next.nodes) {
        const auto* before = current.node(node.id);
        if (before != nullptr && before->organization != node.organization)
            return bad("nodes", fmt::format("\"{}\" is a node of {} and cannot become one of {}", node.id,
                                            before->organization, node.organization));
    }
    if (channel_config_json(next) != json_text)
        return fail(Code::bad_configuration, "channel configuration: it is not in the form that `config show` writes");
    return next;
}

storage::Block make_genesis_block(const ChannelConfig& config, std::int64_t time_ms) {
    storage::Simulation simulation;
    simulation.contract = kConfigSpace;
    simulation.function = "genesis";
    simulation.result = "null";
    simulation.read_write_set.writes.push_back(
        {{std::string(kConfigSpace), std::string(kConfigKey)}, to_bytes(channel_config_json(config))});
    storage::Transaction transaction{storage::Transaction::Kind::genesis, {}, storage::encode(simulation), {}};
    storage::Block block;
    block.batches.push_back({storage::encode(transaction)});
    block.header.channel = config.channel;
    block.header.data_root = storage::data_root({storage::batch_digest(block.batches.front())});
    block.header.time_ms = time_ms;
    return block;
}

Result<ChannelConfig> config_of_genesis(const storage::Block& block) {
    const auto transactions = transactions_of(block);
    if (block.header.number != 0 || transactions.size() != 1) {
        return fail(Code::bad_configuration, "the block is not a genesis block: number {}, {} transactions",
                    block.header.number, transactions.size());
    }
    const auto transaction = TRY(storage::read_transaction(transactions[0], "the genesis transaction"));
    const auto simulation = TRY(storage::read_simulation(transaction.simulation, "the genesis simulation"));
    const auto& writes = simulation.read_write_set.writes;
    if (transaction.kind != storage::Transaction::Kind::genesis || writes.size() != 1 || !writes[0].value ||
        writes[0].key != storage::StateKey{std::string(kConfigSpace), std::string(kConfigKey)}) {
        return fail(Code::bad_configuration,
                    "the genesis block does not hold a channel configuration and nothing else");
    }
    auto config = TRY(parse_channel_config(as_text(*writes[0].value)));
    if (config.channel != block.header.channel) {
        return fail(Code::bad_configuration, "the genesis block is of channel \"{}\", its configuration of \"{}\"",
                    block.header.channel, config.channel);
    }
    return config;
}

Result<ChannelConfig> config_of_state(const storage::StateReader& state) {
    const auto value = TRY(state.get({std::string(kConfigSpace), std::string(kConfigKey)}));
    if (!value) return fail(Code::corrupt, "the ledger holds no channel configuration");
    return parse_channel_config(as_text(value->value));
}

}  // namespace tally::node
