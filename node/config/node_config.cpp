#include "node/config/node_config.h"

#include <algorithm>

#include "node/config/toml_file.h"

namespace tally::node {
namespace {

// One table of the file: values are taken by key, and what nobody took is unknown.
class Table {
  public:
    Table(const std::filesystem::path& file, const toml::table* table, std::string name)
        : file_(file), table_(table), name_(std::move(name)) {}

    template <class T>
    Status take(std::string_view key, T& out, bool required = false, std::int64_t min = 0,
                std::int64_t max = INT64_MAX) {
        known_.emplace(key);
        const auto* node = table_ == nullptr ? nullptr : table_->get(key);
        if (node == nullptr) {
            if (required) return bad(key, "it is missing");
            return {};
        }
        if constexpr (std::is_same_v<T, std::string>) {
            const auto value = node->value_exact<std::string>();
            if (!value || value->empty()) return bad(key, "it must be a text in quotes");
            out = *value;
        } else if constexpr (std::is_same_v<T, bool>) {
            const auto value = node->value_exact<bool>();
            if (!value) return bad(key, "it must be true or false");
            out = *value;
        } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
            std::string text;
            TRY(take(key, text, required));
            out = file_.parent_path() / text;
        } else {
            const auto value = node->value_exact<std::int64_t>();
            if (!value) return bad(key, "it must be an integer");
            if (*value < min || *value > max)
                return bad(key, fmt::format("{} is not within {} and {}", *value, min, max));
            out = static_cast<T>(*value);
        }
        return {};
    }

    Status take(std::string_view key, std::set<std::string>& out) {
        known_.emplace(key);
        const auto* list = table_ == nullptr ? nullptr : table_->get_as<toml::array>(key);
        if (list == nullptr) return bad(key, "it must be a list of texts");
        for (const auto& element : *list) {
            const auto text = element.value_exact<std::string>();
            if (!text) return bad(key, "it must be a list of texts");
            out.insert(*text);
        }
        return {};
    }

    [[nodiscard]] Result<Table> sub(std::string_view key) {
        known_.emplace(key);
        const auto* inner = table_ == nullptr ? nullptr : table_->get_as<toml::table>(key);
        if (inner == nullptr && table_ != nullptr && table_->contains(key)) return bad(key, "it must be a table");
        return Table{file_, inner, name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key)};
    }

    // The tables of [[key]].
    [[nodiscard]] Result<std::vector<Table>> list(std::string_view key) {
        known_.emplace(key);
        std::vector<Table> tables;
        const auto* node = table_ == nullptr ? nullptr : table_->get(key);
        if (node == nullptr) return tables;
        const auto* array = node->as_array();
        if (array == nullptr) return bad(key, fmt::format("it must be tables: [[{}]]", key));
        for (const auto& each : *array) {
            if (!each.is_table()) return bad(key, fmt::format("it must be tables: [[{}]]", key));
            tables.push_back(Table{file_, each.as_table(), fmt::format("{}[{}]", key, tables.size())});
        }
        return tables;
    }

    [[nodiscard]] Status finish() const {
        if (table_ == nullptr) return {};
        for (const auto& [key, value] : *table_) {
            if (!known_.contains(key.str())) return bad(key.str(), "this key is not known");
        }
        return {};
    }
    [[nodiscard]] bool present() const { return table_ != nullptr; }

    [[nodiscard]] std::unexpected<Error> bad(std::string_view key, std::string_view sentence) const {
        return fail(Code::bad_configuration, "{}: \"{}{}{}\": {}", file_.string(), name_, name_.empty() ? "" : ".", key,
                    sentence);
    }

  private:
    const std::filesystem::path& file_;
    const toml::table* table_;
    std::string name_;
    std::set<std::string, std::less<>> known_;
};

Status take_identity(Table table, std::optional<IdentityFiles>& out) {
    if (!table.present()) return {};
    IdentityFiles files;
    TRY(table.take("certificate", files.certificate, true));
    TRY(table.take("key", files.key, true));
    out = std::move(files);
    return table.finish();
}

Status take_gateway(Table table, GatewayConfig& gateway) {
    TRY(table.take("address", gateway.address));
    TRY(table.take("port", gateway.port, false, 0, 65535));
    TRY(table.take("certificate", gateway.tls.certificate, table.present()));
    TRY(table.take("key", gateway.tls.key, table.present()));
    TRY(table.take("threads", gateway.threads, false, 1, 256));
    TRY(table.take("max_connections", gateway.max_connections, false, 1, 1'000'000));
    TRY(table.take("max_connections_per_address", gateway.max_connections_per_address, false, 1, 1'000'000));
    TRY(table.take("max_body_bytes", gateway.max_body_bytes, false, 1024, 1U << 30));
    TRY(table.take("requests_per_second", gateway.requests_per_second, false, 1, 10'000'000));
    TRY(table.take("burst", gateway.burst, false, 1, 10'000'000));
    TRY(table.take("idle_timeout_ms", gateway.idle_timeout_ms, false, 100, 86'400'000));
    TRY(table.take("access_log", gateway.access_log));
    return table.finish();
}

Status take_mqtt(Table table, NodeConfig& config) {
    auto& mqtt = config.mqtt;
    TRY(table.take("broker", mqtt.broker, table.present()));
    TRY(table.take("authorities", mqtt.authorities));
    TRY(table.take("certificate", mqtt.identity.certificate));
    TRY(table.take("key", mqtt.identity.key));
    TRY(table.take("share", mqtt.share));
    TRY(table.take("max_in_flight", mqtt.max_in_flight, false, 1, 10'000));
    TRY(table.take("telemetry", mqtt.telemetry));
    TRY(table.take("sparkplug", mqtt.sparkplug));
    TRY(table.take("registration", mqtt.registration));
    TRY(table.take("admit_like", mqtt.admit_like));
    TRY(table.take("telemetry_wait_s", mqtt.telemetry_wait_s, false, 1, 86'400));
    if (table.present() && !config.has("gateway")) return table.bad("broker", "only a gateway takes records from it");
    if (mqtt.telemetry && !mqtt.share.empty())
        return table.bad("telemetry", "a gateway that shares its messages does not have all of a device's samples");
    if (mqtt.registration && !mqtt.share.empty())
        return table.bad("registration", "a gateway that shares its messages does not have all requests");
    if (!mqtt.admit_like.empty() && !mqtt.registration)
        return table.bad("admit_like", "it is about requests to be registered: registration = true is needed");
    if (mqtt.sparkplug && !mqtt.telemetry) return table.bad("sparkplug", "it is telemetry: telemetry = true is needed");
    return table.finish();
}

Status check_roles(const Table& node, const NodeConfig& config) {
    static constexpr std::string_view kRoles[] = {"endorser", "orderer", "committer", "gateway"};
    for (const auto& role : config.roles) {
        if (std::find(std::begin(kRoles), std::end(kRoles), role) == std::end(kRoles)) {
            return node.bad(
                "roles",
                fmt::format("there is no role \"{}\"; endorser, orderer, committer and gateway are known", role));
        }
    }
    if (config.roles.empty()) return node.bad("roles", "at least one is needed");
    const auto needs = [&](std::string_view role, const std::optional<IdentityFiles>& files,
                           std::string_view table) -> Status {
        if (!config.has(role) || files) return {};
        return node.bad("roles", fmt::format("the role {} needs a table [identity.{}]", role, table));
    };
    TRY(needs("endorser", config.peer, "peer"));
    TRY(needs("committer", config.peer, "peer"));
    TRY(needs("orderer", config.orderer, "orderer"));
    const bool ledger = config.has("endorser") || config.has("gateway");
    if (ledger && !config.has("committer"))
        return node.bad("roles", "endorser and gateway need the ledger that the role committer keeps");
    if (!config.has("orderer") && !config.has("committer")) return node.bad("roles", "orderer or committer is needed");
    TRY(needs("gateway", config.client, "client"));
    if (config.has("gateway") && !config.serves()) {
        return node.bad("roles", "the role gateway needs a table [gateway] with certificate and key");
    }
    return {};
}

}  // namespace

NodeConfig NodeConfig::in(const ChannelEntry& channel) const {
    auto config = *this;
    config.genesis = channel.genesis;
    config.data = channel.data;
    config.listen = channel.listen;
    config.channels.clear();
    return config;
}

Result<NodeConfig> load_node_config(const std::filesystem::path& file) {
    const auto parsed = TRY(read_toml(file));
    NodeConfig config;
    config.file = std::filesystem::absolute(file);
    Table root(config.file, &parsed, "");
    auto node = TRY(root.sub("node"));
    TRY(node.take("name", config.name, true));
    TRY(node.take("roles", config.roles));
    TRY(node.take("data", config.data, true));
    TRY(node.take("genesis", config.genesis, true));
    TRY(node.take("residency", config.residency));
    TRY(node.take("log_level", config.log_level));
    TRY(node.take("workers", config.workers, false, 1, 256));
    TRY(node.finish());
    auto identity = TRY(root.sub("identity"));
    TRY(take_identity(TRY(identity.sub("peer")), config.peer));
    TRY(take_identity(TRY(identity.sub("orderer")), config.orderer));
    TRY(take_identity(TRY(identity.sub("client")), config.client));
    TRY(identity.finish());
    auto network = TRY(root.sub("network"));
    std::filesystem::path transport_key;
    TRY(network.take("key", transport_key, network.present()));
    if (network.present()) config.transport_key = transport_key;
    TRY(network.take("listen", config.listen));
    TRY(network.finish());
    TRY(take_gateway(TRY(root.sub("gateway")), config.gateway));
    auto storage = TRY(root.sub("storage"));
    TRY(storage.take("cache_bytes", config.cache_bytes, false, 1 << 20));
    TRY(storage.take("min_free_bytes", config.min_free_bytes, false, 0));
    TRY(storage.take("log_segment_bytes", config.log_segment_bytes, false, 1 << 16));
    TRY(storage.take("keep_days", config.keep_days, false, 0, 100'000));
    TRY(storage.finish());
    auto order = TRY(root.sub("order"));
    TRY(order.take("queue", config.order_queue, false, 1, 10'000'000));
    TRY(order.take("bytes", config.order_bytes, false, 1 << 20));
    TRY(order.finish());
    auto settling = TRY(root.sub("settling"));
    TRY(settling.take("every_s", config.settle_every_s, false, 0, 86'400));
    TRY(settling.finish());
    auto contracts = TRY(root.sub("contracts"));
    TRY(contracts.take("allow_clock", config.allow_clock));
    TRY(contracts.finish());
    TRY(take_mqtt(TRY(root.sub("mqtt")), config));
    for (auto& table : TRY(root.list("channels"))) {
        ChannelEntry entry;
        TRY(table.take("genesis", entry.genesis, true));
        TRY(table.take("data", entry.data, true));
        TRY(table.take("listen", entry.listen));
        TRY(table.take("anchor_every_s", entry.anchor_every_s, false, 0, 86'400));
        TRY(table.finish());
        config.channels.push_back(std::move(entry));
    }
    TRY(root.finish());
    static constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warning", "error", "off"};
    if (std::find(std::begin(kLevels), std::end(kLevels), config.log_level) == std::end(kLevels)) {
        return node.bad("log_level", "trace, debug, info, warning, error or off are known");
    }
    TRY(check_roles(node, config));
    return config;
}

}  // namespace tally::node
