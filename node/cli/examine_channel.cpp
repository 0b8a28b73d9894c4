// What `tally doctor` looks at in each channel of a node.

#include <unistd.h>

#include <algorithm>

#include "node/addresses/host_port.h"
#include "node/channel/identity.h"
#include "node/channel/ledger_json.h"
#include "node/cli/examination.h"
#include "node/cli/node_process.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/resolver.h"
#include "node/network/transport_key.h"
#include "node/operations/disk_watch.h"
#include "node/operations/expiry.h"
#include "node/threads/stopwatch.h"
#include "storage/block_store.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

constexpr unsigned kReadAttempts = 3;  // to read beside a node that replaces files

// What the channel's ledger says: the configuration in force, and what of its devices' trust expires.
struct InForce {
    ChannelConfig config;
    std::uint64_t height = 0;
    std::vector<Expiry> of_devices;
};

Result<InForce> in_force_of(const storage::Ledger& ledger) {
    const auto state = ledger.state();
    InForce out{TRY(config_of_state(*state)), state->height().value_or(0), {}};
    if (auto expiries = device_expiries(*state)) out.of_devices = *std::move(expiries);
    return out;
}

// A running node holds the lock; its files can be read all the same, unless it replaces one at that moment.
Result<InForce> beside_running_node(const NodeConfig& config) {
    storage::LedgerOptions options;
    options.directory = ledger_path(config.data);
    options.read_only = true;
    for (unsigned attempt = 1;; ++attempt) {
        const auto ledger = storage::Ledger::open(options);
        if (ledger) return in_force_of(**ledger);
        if (attempt == kReadAttempts) return std::unexpected(ledger.error());
    }
}

// Of a node that only orders: it keeps blocks, and the configuration after the last of them. None: the genesis block's.
Result<std::optional<InForce>> in_force_of_blocks(const NodeConfig& config) {
    const auto store = TRY(storage::BlockStore::open_read_only(blocks_path(config.data)));
    const auto text = TRY(store->configuration());
    if (!text) return std::nullopt;
    return InForce{TRY(parse_channel_config(*text)), store->tip() ? store->tip()->number : 0, {}};
}

std::optional<InForce> examine_blocks(Examination& out, const NodeConfig& config) {
    auto found = in_force_of_blocks(config);
    if (found) return *std::move(found);
    out.warn("configuration", fmt::format("the node's blocks cannot be read: {}", found.error().message),
             "try again; what follows was judged by the genesis block");
    return std::nullopt;
}

// None where there is no ledger; a ledger that cannot be read is a finding.
std::optional<InForce> examine_ledger(Examination& out, const NodeConfig& config, bool running) {
    std::error_code error;
    if (std::filesystem::exists(disagreement_file(config.data), error)) {
        out.bad("data",
                fmt::format("most committers signed another checkpoint than this node: {}",
                            disagreement_file(config.data).string()),
                "docs/operations.md, \"Checkpoints that differ\", says what to do");
    }
    const bool there = std::filesystem::exists(ledger_path(config.data), error);
    if (error) {
        out.bad("data", fmt::format("{}: {}", config.data.string(), error.message()),
                "make it the folder of the user that runs the node");
        return std::nullopt;
    }
    if (running) out.good("data", "the node is running");
    if (!there && std::filesystem::exists(blocks_path(config.data), error)) return examine_blocks(out, config);
    if (!there) {
        if (!running) out.good("data", "no ledger yet; the node starts from the genesis block");
        return std::nullopt;
    }
    if (running) {
        auto found = beside_running_node(config);
        if (found) return *std::move(found);
        out.warn("configuration", fmt::format("it cannot be read beside the running node: {}", found.error().message),
                 "try again; what follows was judged by the genesis block");
        return std::nullopt;
    }
    const auto channel = inspect_channel_ledger(config.data);
    auto found = channel ? in_force_of(*channel->ledger) : Result<InForce>(std::unexpected(channel.error()));
    if (!found) {
        const auto& problem = found.error();
        out.bad("data", problem.message,
                problem.code == Code::corrupt ? "docs/operations.md, \"When something is wrong\", says what to do"
                                              : "make it the folder of the user that runs the node");
        return std::nullopt;
    }
    out.good("data", std::filesystem::exists(config.data / "SEAL") ? "closed in order"
                                                                   : "not closed in order; the next start recovers it");
    return *std::move(found);
}

void examine_identity(Examination& out, const std::string& name, const std::optional<IdentityFiles>& files,
                      const Membership* membership, std::string_view role) {
    if (!files) return;
    const auto subject = "identity." + name;
    const auto identity = load_identity(files->certificate, files->key);
    if (!identity) {
        return out.bad(subject, identity.error().message,
                       advice_for(identity.error(), "issue it again with `tally identity issue`"));
    }
    const auto& certificate = identity->certificate();
    if (membership != nullptr) {
        const auto caller = membership->identify(identity->chain, now_ms());
        if (!caller)
            return out.bad(subject, caller.error().message,
                           "renew it with `tally identity renew`, or correct the channel's authorities");
        if (caller->role != role)
            return out.bad(subject, fmt::format("its role is {}, not {}", caller->role, role),
                           "issue one with the right role");
    }
    const auto left = certificate.not_after_ms() - now_ms();
    if (left < kExpiresSoonMs)
        return out.warn(subject, fmt::format("it expires on {}", iso_time(certificate.not_after_ms())),
                        "renew it with `tally identity renew`");
    out.good(subject,
             fmt::format("{} until {}", certificate.subject().common_name, iso_time(certificate.not_after_ms())));
}

// Certificates of this node have findings of their own.
void examine_expiries(Examination& out, const std::vector<Expiry>& expiries) {
    for (const auto& each : expiries) {
        const auto stage = stage_of(each, now_ms());
        const auto what = described(each, now_ms());
        const char* advice = "renew it; docs/operations.md, \"Something expires\", says how";
        if (stage == ExpiryStage::over) out.bad("expiry", what, advice);
        if (stage == ExpiryStage::days || stage == ExpiryStage::day) out.warn("expiry", what, advice);
    }
}

// Where it listens for other nodes, and whether their hosts' names are known here.
void examine_network(Examination& out, const NodeConfig& config, const ChannelConfig& channel, bool running) {
    const auto* self = channel.node(config.name);
    if (self == nullptr && !config.listen.empty()) {
        out.warn("network", fmt::format("the channel names no node \"{}\"", config.name),
                 "have it added: `tally config propose --add join.json`; until then it only waits");
    }
    if (channel.nodes.size() < 2 && config.listen.empty()) return;
    if (config.listen.empty() && self == nullptr)
        return out.bad("network", fmt::format("the channel names no node \"{}\"", config.name),
                       "say in [network] listen where it listens, or correct its name");
    const auto listen = HostPort::parse(config.listen.empty() ? self->address : config.listen);
    if (!listen) return out.bad("network.listen", listen.error().message, "correct it in node.toml");
    const auto at = listen->listening();
    examine_port(out, "network", at.host, at.port, running);
    for (const auto& peer : channel.nodes) {
        const auto address = HostPort::parse(peer.address);
        if (&peer == self || !address || is_ip(address->host)) continue;
        if (Resolver::look_up(address->host).empty())
            out.warn("network", fmt::format("{} of {} is unknown here", address->host, peer.id),
                     "have the name server or /etc/hosts know it");
    }
}

// The keys with which the channel knows the node must be those that it has.
void examine_keys(Examination& out, const NodeConfig& config, const ChannelConfig& channel) {
    const auto* self = channel.node(config.name);
    if (self != nullptr && config.transport_key) {
        const auto key_in = [&](const std::filesystem::path& file) -> std::string {
            const auto text = storage::read_file(file, 1U << 10);
            const auto key = text ? transport_key_of(*text) : Result<TransportKey>(std::unexpected(text.error()));
            return key ? key->public_key : "";
        };
        auto next = *config.transport_key;
        next += ".next";
        if (key_in(*config.transport_key) != self->transport_key && key_in(next) != self->transport_key)
            out.bad("network.key",
                    fmt::format("{} is not the key that the channel names", config.transport_key->string()),
                    "put the right key there, or have the channel name this one (`tally identity transport`)");
    }
    const auto orderer = std::ranges::find(channel.orderers, config.name, &OrdererConfig::id);
    if (orderer == channel.orderers.end() || !config.orderer) return;
    const auto identity = load_identity(config.orderer->certificate, config.orderer->key);
    const auto named = crypto::PublicKey::from_pem(orderer->public_key);
    if (!identity || !named || identity->key.public_key() == *named) return;
    const auto next = load_next_identity(config.orderer->certificate, config.orderer->key);
    if (!next || !*next || !((*next)->key.public_key() == *named))
        out.bad("identity.orderer", "its key is not the one that the channel names for this orderer",
                "put the right key there, or have the channel name another one (`tally identity orderer`)");
}

void examine_disk(Examination& out, const NodeConfig& config) {
    std::error_code error;
    auto existing = config.data;
    while (!std::filesystem::exists(existing, error) && existing.has_parent_path() &&
           existing != existing.parent_path())
        existing = existing.parent_path();
    const auto room = disk_room(existing);
    if (!room) return out.bad("disk", room.error().message, "create the folder");
    const auto text = fmt::format("{} MiB free of {} MiB", room->free_bytes >> 20U, room->total_bytes >> 20U);
    if (room->free_bytes < config.min_free_bytes)
        return out.bad("disk", text, "make room: below storage.min_free_bytes the node refuses work");
    if (room->free_bytes < 4 * config.min_free_bytes) return out.warn("disk", text, "make room soon");
    out.good("disk", text);
    if (::access(existing.c_str(), W_OK) != 0)
        out.bad("data", fmt::format("{} cannot be written", existing.string()), "run as its owner");
}

}  // namespace

// What keeps a file from being read is no fault in it.
std::string advice_for(const Error& error, std::string otherwise) {
    if (error.message.find("TALLY_PASSPHRASE_FILE") != std::string::npos)
        return "name the passphrase's file to doctor too: TALLY_PASSPHRASE_FILE=FILE tally doctor";
    if (error.code != Code::io_error) return otherwise;
    return "give the user that runs the node the right to read it, or run doctor as that user";
}

void examine_mode(Examination& out, const std::string& subject, const std::filesystem::path& key) {
    std::error_code error;
    const auto mode = std::filesystem::status(key, error).permissions();
    using std::filesystem::perms;
    if (error || (mode & (perms::group_all | perms::others_all)) == perms::none) return;
    out.warn(subject, fmt::format("{} can be read by others", key.string()), fmt::format("chmod 600 {}", key.string()));
}

void examine_port(Examination& out, const std::string& subject, const std::string& address, std::uint16_t port,
                  bool running) {
    if (running) return out.good(subject, fmt::format("{}:{} is the running node's", address, port));
    const auto status = probe_listen(address, port);
    if (status) return out.good(subject, fmt::format("{}:{} is free", address, port));
    if (status.error().code == Code::unsupported)
        return out.warn(subject, status.error().message, "start the node and look");
    out.bad(subject, status.error().message,
            status.error().code == Code::unavailable ? "another program has the port: stop it, or choose another port"
                                                     : "choose an address of this machine");
}

std::shared_ptr<const Membership> examine_channel(Examination& out, const NodeConfig& config, bool running) {
    const auto genesis = read_genesis(config.genesis);
    auto founded = genesis ? config_of_genesis(*genesis) : Result<ChannelConfig>(std::unexpected(genesis.error()));
    std::shared_ptr<const Membership> membership;
    if (!founded) {
        out.bad("genesis", founded.error().message,
                advice_for(founded.error(), "copy genesis.block from the consortium's folder"));
    } else {
        const auto found = examine_ledger(out, config, running);
        const auto& channel = found ? found->config : *founded;
        out.good("genesis", fmt::format("channel {} of {} organizations, {} orderers{}", channel.channel,
                                        channel.organizations.size(), channel.orderers.size(),
                                        found ? fmt::format(", at block {}", found->height) : ""));
        if (const auto here = check_residency(channel, config.residency); !here)
            out.bad("residency", here.error().message,
                    "take the node out of the channel, or correct node.residency in node.toml");
        if (genesis->header.time_ms > now_ms() + 30'000)
            out.bad("clock", fmt::format("it says {}, before the genesis block", iso_time(now_ms())),
                    "set the clock (NTP)");
        if (auto built = Membership::from(channel)) membership = *built;
        examine_network(out, config, channel, running);
        examine_expiries(out, organization_expiries(channel));
        if (found) examine_expiries(out, found->of_devices);
        examine_keys(out, config, channel);
    }
    examine_identity(out, "peer", config.peer, membership.get(), "peer");
    examine_identity(out, "orderer", config.orderer, membership.get(), "orderer");
    examine_identity(out, "client", config.client, membership.get(), "client");
    examine_disk(out, config);
    return membership;
}

}  // namespace tally::node::cli
