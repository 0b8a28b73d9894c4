#include "node/cli/doctor.h"

#include <unistd.h>

#include <algorithm>

#include "node/channel/identity.h"
#include "node/channel/ledger_json.h"
#include "node/channel/membership.h"
#include "node/cli/command.h"
#include "node/cli/node_process.h"
#include "node/config/node_config.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/descriptors.h"
#include "node/network/resolver.h"
#include "node/operations/disk_watch.h"
#include "node/operations/expiry.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

using Verdict = Finding::Verdict;

constexpr std::int64_t kSoonMs = 30LL * 86'400'000;

class Examination {
  public:
    explicit Examination(std::vector<Finding>& findings) : findings_(findings) {}

    void good(std::string subject, std::string what) {
        findings_.push_back({Verdict::good, std::move(subject), std::move(what), ""});
    }
    void warn(std::string subject, std::string what, std::string advice) {
        findings_.push_back({Verdict::warning, std::move(subject), std::move(what), std::move(advice)});
    }
    void bad(std::string subject, std::string what, std::string advice) {
        findings_.push_back({Verdict::bad, std::move(subject), std::move(what), std::move(advice)});
    }

  private:
    std::vector<Finding>& findings_;
};

// What keeps a file from being read is no fault in it.
std::string advice_for(const Error& error, std::string otherwise) {
    if (error.code != Code::io_error) return otherwise;
    return "give the user that runs the node the right to read it, or run doctor as that user";
}

// Whether the node runs: it holds its data folder then, and its ports.
bool is_running(const NodeConfig& config) {
    std::error_code error;
    if (!std::filesystem::exists(config.data / "LOCK", error)) return false;
    const auto lock = storage::DirectoryLock::take(config.data);
    return !lock && lock.error().code == Code::locked;
}

void examine_clock(Examination& out, const storage::Block* genesis) {
    const auto now = now_ms();
    if (genesis != nullptr && genesis->header.time_ms > now + 30'000) {
        return out.bad("clock", fmt::format("it says {}, before the genesis block", iso_time(now)),
                       "set the clock (NTP)");
    }
    out.good("clock", iso_time(now));
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
    std::error_code error;
    const auto mode = std::filesystem::status(files->key, error).permissions();
    if ((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) !=
        std::filesystem::perms::none) {
        out.warn(subject, fmt::format("{} can be read by others", files->key.string()), "chmod 600 it");
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
    if (left < kSoonMs)
        return out.warn(subject, fmt::format("it expires on {}", iso_time(certificate.not_after_ms())),
                        "renew it with `tally identity renew`");
    out.good(subject,
             fmt::format("{} until {}", certificate.subject().common_name, iso_time(certificate.not_after_ms())));
}

void examine_port(Examination& out, const char* subject, const std::string& address, std::uint16_t port, bool running) {
    if (running) return out.good(subject, fmt::format("{}:{} is the running node's", address, port));
    const auto status = probe_listen(address, port);
    if (status) return out.good(subject, fmt::format("{}:{} is free", address, port));
    if (status.error().code == Code::unsupported)
        return out.warn(subject, status.error().message, "start the node and look");
    out.bad(subject, status.error().message,
            status.error().code == Code::unavailable ? "another program has the port: stop it, or choose another port"
                                                     : "choose an address of this machine");
}

// Of a stopped node's ledger: the configuration in force, and what of its devices' trust expires. None where there is
// no ledger yet or a running node has it.
std::optional<ChannelConfig> config_of_ledger(const NodeConfig& config, std::vector<Expiry>& expiries) {
    std::error_code error;
    if (!std::filesystem::exists(ledger_path(config.data), error)) return std::nullopt;
    const auto channel = inspect_channel_ledger(config.data);
    if (!channel) return std::nullopt;
    const auto state = channel->ledger->snapshot();
    auto in_force = config_of_state(*state);
    if (!in_force) return std::nullopt;
    if (auto of_devices = device_expiries(*state)) expiries = *std::move(of_devices);
    return *std::move(in_force);
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
    if (channel.nodes.size() < 2 && config.listen.empty()) return;
    if (config.listen.empty() && self == nullptr)
        return out.bad("network", fmt::format("the genesis block names no node \"{}\"", config.name),
                       "say in [network] listen where it listens, or correct its name");
    const auto address = listening_address(config.listen.empty() ? self->address : config.listen);
    const auto colon = address.rfind(':');
    examine_port(out, "network", address.substr(0, colon),
                 static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)), running);
    for (const auto& peer : channel.nodes) {
        const auto host = peer.address.substr(0, peer.address.rfind(':'));
        if (&peer != self && !is_ipv4(host) && !Resolver::system_lookup(host))
            out.warn("network", fmt::format("{} of {} is unknown here", host, peer.id),
                     "have the name server or /etc/hosts know it");
    }
}

void examine_tls(Examination& out, const GatewayConfig& gateway) {
    const auto identity = load_identity(gateway.tls.certificate, gateway.tls.key);
    if (!identity) {
        return out.bad("gateway.tls", identity.error().message,
                       advice_for(identity.error(), "issue a TLS certificate for this host"));
    }
    auto hosts = identity->certificate().dns_names();
    const auto& addresses = identity->certificate().ip_addresses();
    hosts.insert(hosts.end(), addresses.begin(), addresses.end());
    const bool everywhere = gateway.address == "0.0.0.0" || gateway.address == "::";
    if (!everywhere && std::ranges::find(hosts, gateway.address) == hosts.end()) {
        return out.bad("gateway.tls",
                       fmt::format("the certificate is for {}, and the node listens on {}", fmt::join(hosts, ", "),
                                   gateway.address),
                       "renew it with `tally identity renew --host`");
    }
    const auto left = identity->certificate().not_after_ms() - now_ms();
    if (left < 0)
        return out.bad("gateway.tls", "the certificate has expired",
                       "renew it with `tally identity renew`, then send the node SIGHUP");
    if (left < kSoonMs)
        return out.warn("gateway.tls",
                        fmt::format("it expires on {}", iso_time(identity->certificate().not_after_ms())),
                        "renew it, then send the node SIGHUP");
    out.good("gateway.tls",
             fmt::format("{} until {}", fmt::join(hosts, ", "), iso_time(identity->certificate().not_after_ms())));
}

// A node raises its limit to the most that it may.
void examine_descriptors(Examination& out, const NodeConfig& config, const Membership* membership) {
    const auto limit = descriptor_limit().most;
    const auto nodes = membership == nullptr ? 4 : membership->config().nodes.size();
    const auto channels = 1 + config.channels.size();
    const auto wanted = config.serves() ? config.gateway.max_connections : kFewestConnections;
    const auto connections = http_connections(limit, wanted, channels, channels * nodes);
    if (connections < wanted) {
        return out.warn("descriptors",
                        fmt::format("of {} open files {} are left for the {} HTTP connections of "
                                    "gateway.max_connections",
                                    limit, connections, wanted),
                        "raise the hard limit (LimitNOFILE of systemd, ulimit -Hn), or lower gateway.max_connections");
    }
    out.good("descriptors", fmt::format("{} open files", limit));
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

void examine_data(Examination& out, const NodeConfig& config, bool running) {
    if (running) return out.good("data", "the node is running");
    std::error_code error;
    const bool there = std::filesystem::exists(ledger_path(config.data), error);
    if (error) {
        return out.bad("data", fmt::format("{}: {}", config.data.string(), error.message()),
                       "make it the folder of the user that runs the node");
    }
    if (!there) return out.good("data", "no ledger yet; the node starts from the genesis block");
    const auto lock = storage::DirectoryLock::take(config.data);
    if (!lock) return out.bad("data", lock.error().message, "make it the folder of the user that runs the node");
    out.good("data", std::filesystem::exists(config.data / "SEAL") ? "closed in order"
                                                                   : "not closed in order; the next start recovers it");
}

}  // namespace

std::vector<Finding> examine_node(const std::filesystem::path& given) {
    std::vector<Finding> findings;
    Examination out(findings);
    const auto file = std::filesystem::is_directory(given) ? given / "node.toml" : given;
    const auto config = load_node_config(file);
    if (!config) {
        out.bad("configuration", config.error().message,
                advice_for(config.error(), "correct the file; `tally network create` writes one that works"));
        return findings;
    }
    out.good("configuration", file.string());
    const bool running = is_running(*config);
    const auto genesis = read_genesis(config->genesis);
    std::shared_ptr<const Membership> membership;
    if (!genesis) {
        out.bad("genesis", genesis.error().message,
                advice_for(genesis.error(), "copy genesis.block from the consortium's folder"));
    } else if (auto channel = config_of_genesis(*genesis); !channel) {
        out.bad("genesis", channel.error().message, "copy genesis.block from the consortium's folder");
    } else {
        out.good("genesis", fmt::format("channel {} of {} organizations, {} orderers", channel->channel,
                                        channel->organizations.size(), channel->orderers.size()));
        std::vector<Expiry> of_devices;
        const auto in_force = config_of_ledger(*config, of_devices);
        if (auto built = Membership::from(in_force.value_or(*channel))) membership = *built;
        examine_network(out, *config, *channel, running);
        examine_expiries(out, organization_expiries(in_force.value_or(*channel)));
        examine_expiries(out, of_devices);
    }
    examine_clock(out, genesis ? &*genesis : nullptr);
    examine_identity(out, "peer", config->peer, membership.get(), "peer");
    examine_identity(out, "orderer", config->orderer, membership.get(), "orderer");
    examine_identity(out, "client", config->client, membership.get(), "client");
    if (config->serves()) {
        examine_tls(out, config->gateway);
        examine_port(out, "gateway", config->gateway.address, config->gateway.port, running);
    }
    examine_descriptors(out, *config, membership.get());
    examine_disk(out, *config);
    examine_data(out, *config, running);
    return findings;
}

void add_doctor(CLI::App& app, Choice& choice) {
    struct Options {
        std::filesystem::path config;
    };
    auto* command = app.add_subcommand(
        "doctor", "Check a node's configuration, certificates, port, disk and clock, and say what to do");
    auto options = std::make_shared<Options>();
    command->add_option("config", options->config, "node.toml, or the folder that holds it")->required();
    on_chosen(*command, choice, options, [](const Options& in) -> Status {
        const auto findings = examine_node(in.config);
        std::size_t bad = 0;
        boost::json::array list;
        for (const auto& finding : findings) {
            static constexpr const char* kNames[] = {"good", "warning", "bad"};
            static constexpr Colour kColours[] = {Colour::green, Colour::yellow, Colour::red};
            static constexpr const char* kMarks[] = {"✔", "!", "✘"};
            const auto index = static_cast<std::size_t>(finding.verdict);
            bad += finding.verdict == Verdict::bad ? 1 : 0;
            list.push_back({{"verdict", kNames[index]},
                            {"subject", finding.subject},
                            {"what", finding.what},
                            {"advice", finding.advice}});
            say(fmt::format("{} {:<18} {}{}", paint(kColours[index], kMarks[index]), finding.subject, finding.what,
                            finding.advice.empty() ? "" : "\n    " + paint(Colour::bold, "→ " + finding.advice)));
        }
        if (style().json) print_json(list);
        if (bad != 0) return fail(Code::bad_configuration, "{} of {} checks failed", bad, findings.size());
        return {};
    });
}

}  // namespace tally::node::cli
