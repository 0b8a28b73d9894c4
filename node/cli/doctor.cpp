#include "node/cli/doctor.h"

#include <algorithm>

#include "chaincode/host/clock.h"
#include "node/channel/identity.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/examination.h"
#include "node/config/packages.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/descriptors.h"
#include "node/threads/stopwatch.h"

namespace tally::node::cli {
namespace {

using Verdict = Finding::Verdict;

// Whether the node runs: it holds its data folder then, and its ports.
bool is_running(const NodeConfig& config) {
    std::error_code error;
    if (!std::filesystem::exists(config.data / "LOCK", error)) return false;
    const auto lock = storage::DirectoryLock::take(config.data);
    return !lock && lock.error().code == Code::locked;
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
    if (left < kExpiresSoonMs)
        return out.warn("gateway.tls",
                        fmt::format("it expires on {}", iso_time(identity->certificate().not_after_ms())),
                        "renew it, then send the node SIGHUP");
    out.good("gateway.tls",
             fmt::format("{} until {}", fmt::join(hosts, ", "), iso_time(identity->certificate().not_after_ms())));
}

void examine_key_modes(Examination& out, const NodeConfig& config) {
    if (config.peer) examine_mode(out, "identity.peer", config.peer->key);
    if (config.orderer) {
        examine_mode(out, "identity.orderer", config.orderer->key);
        examine_mode(out, "identity.orderer", next_file(config.orderer->key));
    }
    if (config.client) examine_mode(out, "identity.client", config.client->key);
    if (config.serves()) examine_mode(out, "gateway.tls", config.gateway.tls.key);
    if (!config.transport_key) return;
    examine_mode(out, "network.key", *config.transport_key);
    examine_mode(out, "network.key", next_file(*config.transport_key));
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

// Of a node with packages of contracts, where the machine cannot hide its clock from them.
void examine_packages(Examination& out, const NodeConfig& config) {
    const auto packages = packages_in(config.file.parent_path() / kPackages);
    if (!packages) return out.bad("contracts", packages.error().message, "let the node's user read the folder");
    if (packages->empty() || chaincode::host::can_hide_the_clock()) return;
    const auto what = std::string(chaincode::host::kClockIsOpen);
    if (config.allow_clock)
        return out.warn("contracts", what,
                        "run the node on a machine that can hide it (node.toml has contracts.allow_clock = true)");
    out.bad("contracts", what + "; the node does not start with its packages",
            "run it on a machine that can hide it, or set contracts.allow_clock to true where nothing depends on it");
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
    const auto membership = examine_channel(out, *config, running);
    for (const auto& further : config->channels) {
        const auto genesis = read_genesis(further.genesis);
        out.of_channel(genesis ? genesis->header.channel : further.genesis.string());
        examine_channel(out, config->in(further), running);
    }
    out.of_channel("");
    out.good("clock", iso_time(now_ms()));
    examine_key_modes(out, *config);
    if (config->serves()) {
        examine_tls(out, config->gateway);
        examine_port(out, "gateway", config->gateway.address, config->gateway.port, running);
    }
    examine_descriptors(out, *config, membership.get());
    examine_packages(out, *config);
    return findings;
}

void add_doctor(CLI::App& app, Choice& choice) {
    struct Options {
        std::filesystem::path config;
    };
    auto* command = app.add_subcommand(
        "doctor", "Check a node's configuration, keys, channels, ports, disk and clock, and say what to do");
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
                            {"channel", finding.channel},
                            {"subject", finding.subject},
                            {"what", finding.what},
                            {"advice", finding.advice}});
            const auto subject = finding.channel + (finding.channel.empty() ? "" : ": ") + finding.subject;
            say(fmt::format("{} {:<18} {}{}", paint(kColours[index], kMarks[index]), subject, finding.what,
                            finding.advice.empty() ? "" : "\n    " + paint(Colour::bold, "→ " + finding.advice)));
        }
        if (style().json) print_json(list);
        if (bad != 0) return fail(Code::bad_configuration, "{} of {} checks failed", bad, findings.size());
        return {};
    });
}

}  // namespace tally::node::cli
