#include "gateway/mqtt/sparkplug_sessions.h"

#include <algorithm>

#include "chaincode/records/identifier.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::string_view kSparkplugPrefix = "spBv1.0/";
constexpr std::string_view kBdSeq = "bdSeq";
constexpr std::size_t kMostNames = 256;  // of metrics that are fields

std::string tally_device(const std::string& edge, std::string_view source) {
    return source.empty() ? edge : fmt::format("{}:{}", edge, source);
}

Result<std::uint64_t> bd_seq_of(const SparkplugPayload& payload) {
    const auto found = std::ranges::find(payload.metrics, kBdSeq, &SparkplugMetric::name);
    if (found == payload.metrics.end() || !found->bits || *found->bits > 255)
        return fail(Code::malformed, "a Sparkplug payload: it has no metric bdSeq between 0 and 255");
    return *found->bits;
}

std::string field_of(std::string name) {
    std::ranges::replace(name, '/', '.');
    return name;
}

}  // namespace

std::optional<SparkplugSessions::Topic> SparkplugSessions::parse_topic(std::string_view topic, std::string_view group) {
    if (!topic.starts_with(kSparkplugPrefix)) return std::nullopt;
    topic.remove_prefix(kSparkplugPrefix.size());
    if (!topic.starts_with(group) || topic.size() <= group.size() || topic[group.size()] != '/') return std::nullopt;
    topic.remove_prefix(group.size() + 1);
    const auto next = [&topic] {
        const auto end = topic.find('/');
        const auto part = topic.substr(0, end);
        topic = end == std::string_view::npos ? std::string_view() : topic.substr(end + 1);
        return part;
    };
    Topic out;
    out.type = next();
    out.edge = next();
    const bool has_device = !topic.empty();
    out.device = next();
    if (!topic.empty()) return std::nullopt;
    const bool is_node = out.type == "NBIRTH" || out.type == "NDATA" || out.type == "NDEATH";
    const bool is_device = out.type == "DBIRTH" || out.type == "DDATA" || out.type == "DDEATH";
    if (!(is_node && !has_device) && !(is_device && has_device)) return std::nullopt;
    // "a:b" and "c" must not be "a" and "b:c".
    if (out.edge.find(':') != std::string_view::npos || !chaincode::check_identifier(out.edge, "an edge node"))
        return std::nullopt;
    if (has_device && !chaincode::check_identifier(fmt::format("{}:{}", out.edge, out.device), "a device"))
        return std::nullopt;
    return out;
}

void SparkplugSessions::set_alive(const std::string& device, bool& alive, bool now) {
    if (alive == now) return;
    alive = now;
    alive_ += now ? 1 : -1;
    callbacks_.on_liveness(device, now);
}

void SparkplugSessions::drop_early(Edge& edge) {
    if (edge.early.empty()) return;
    dropped_ += edge.early.size();
    for (const auto& [seq, message] : edge.early) early_bytes_ -= message.payload.size();
    edge.early.clear();
    --waiting_;
}

void SparkplugSessions::erase_early(Edge& edge, std::uint8_t seq) {
    const auto at = edge.early.find(seq);
    early_bytes_ -= at->second.payload.size();
    edge.early.erase(at);
    if (edge.early.empty()) --waiting_;
}

// Those whose turn has come.
void SparkplugSessions::take_early(const std::string& name, Edge& edge, std::int64_t now_ms) {
    for (auto at = edge.early.find(edge.next); at != edge.early.end(); at = edge.early.find(edge.next)) {
        const auto seq = at->first;
        const auto& early = at->second;
        // It was read when it came.
        if (auto payload = read_sparkplug(early.payload))
            in_order(name, edge, {early.type, early.device, std::move(*payload), early.payload.size()}, now_ms);
        erase_early(edge, seq);
        edge.early_since_ms = now_ms;
    }
}

void SparkplugSessions::gap(const std::string& name, Edge& edge, std::int64_t now_ms) {
    ++gaps_;
    end(name, edge);
    request(name, edge, now_ms);
}

// Of a session: its devices are dead and its aliases void.
void SparkplugSessions::end(const std::string& name, Edge& edge) {
    drop_early(edge);
    for (auto& [source, known] : edge.sources) set_alive(tally_device(name, source), known.alive, false);
    edge.sources.clear();
    edge.aliases.clear();
    edge.alive = false;
}

void SparkplugSessions::request(const std::string& name, Edge& edge, std::int64_t now_ms) {
    if (now_ms - edge.birth_requested_ms < kRebirthEvery_ms) return;
    edge.birth_requested_ms = now_ms;
    callbacks_.request_birth(name);
}

void SparkplugSessions::learn(const std::string& name, Edge& edge, const std::string& source,
                              const SparkplugPayload& payload) {
    auto& known = edge.sources[source];
    std::erase_if(edge.aliases, [&](const auto& each) { return each.second.first == source; });
    known.by_name.clear();
    const auto device = tally_device(name, source);
    for (const auto& metric : payload.metrics) {
        auto field = field_of(metric.name);
        if (known.by_name.size() >= kMostNames) break;
        if (metric.name.empty() || !callbacks_.is_field(device, field)) continue;
        if (metric.alias) edge.aliases[*metric.alias] = {source, metric.name};
        known.by_name[metric.name] = {std::move(field), metric.datatype, metric.unit};
    }
    set_alive(device, known.alive, true);
}

Status SparkplugSessions::birth(const std::string& name, Edge& edge, SparkplugPayload payload, std::int64_t now_ms) {
    const auto bd_seq = TRY(bd_seq_of(payload));
    // Early messages may be those that follow this birth.
    auto early = std::exchange(edge.early, {});
    end(name, edge);
    edge.early = std::move(early);
    edge.alive = true;
    edge.bd_seq = bd_seq;
    edge.next = static_cast<std::uint8_t>(*payload.seq + 1);
    edge.birth_requested_ms = INT64_MIN / 2;
    learn(name, edge, "", payload);
    take_early(name, edge, now_ms);
    drop_early(edge);
    return {};
}

Status SparkplugSessions::death(const std::string& name, Edge& edge, const SparkplugPayload& payload) {
    const auto bd_seq = TRY(bd_seq_of(payload));
    if (edge.alive && bd_seq == edge.bd_seq)
        end(name, edge);
    else
        ++dropped_;
    return {};
}

void SparkplugSessions::in_order(const std::string& name, Edge& edge, const Message& message, std::int64_t now_ms) {
    ++edge.next;
    if (message.type == "DBIRTH") {
        if (edge.sources.contains(message.device) || (edge.sources.size() <= kMostDevices && alive_ < kMostAlive))
            learn(name, edge, message.device, message.payload);
        else
            ++dropped_;
    } else if (message.type == "DDEATH") {
        const auto known = edge.sources.find(message.device);
        if (known == edge.sources.end()) return;
        set_alive(tally_device(name, message.device), known->second.alive, false);
        std::erase_if(edge.aliases, [&](const auto& each) { return each.second.first == message.device; });
        edge.sources.erase(known);
    } else {
        data(name, edge, message, now_ms);
    }
}

void SparkplugSessions::data(const std::string& name, Edge& edge, const Message& message, std::int64_t now_ms) {
    const auto source = edge.sources.find(message.device);
    if (source == edge.sources.end()) {
        ++dropped_;
        return request(name, edge, now_ms);
    }
    std::vector<SenmlSample> samples;
    for (const auto& metric : message.payload.metrics) {
        auto metric_name = metric.name;
        if (metric_name.empty() && metric.alias) {
            const auto alias = edge.aliases.find(*metric.alias);
            if (alias == edge.aliases.end() || alias->second.first != message.device) continue;  // of no field
            metric_name = alias->second.second;
        }
        const auto known = source->second.by_name.find(metric_name);
        if (known == source->second.by_name.end()) continue;
        const auto value = metric.value(known->second.datatype);
        const auto time = metric.timestamp_ms ? metric.timestamp_ms : message.payload.timestamp_ms;
        if (value) samples.push_back({known->second.field, known->second.unit, *value, time.value_or(now_ms)});
    }
    callbacks_.on_samples(tally_device(name, message.device), std::move(samples), message.bytes);
}

Status SparkplugSessions::take(const Topic& topic, ByteView bytes, std::int64_t now_ms) {
    auto payload = TRY(read_sparkplug(bytes));
    std::string name(topic.edge);
    auto found = edges_.find(name);
    if (found == edges_.end()) {
        if (edges_.size() >= kMostEdges) {
            std::erase_if(edges_, [](const auto& each) { return !each.second.alive && each.second.early.empty(); });
            if (edges_.size() >= kMostEdges)
                return fail(Code::rate_limited, "{} edge nodes are alive: no more are followed", kMostEdges);
        }
        found = edges_.emplace(name, Edge()).first;
    }
    auto& edge = found->second;
    if (topic.type == "NDEATH") return death(name, edge, payload);
    if (!payload.seq || *payload.seq > 255)
        return fail(Code::malformed, "a Sparkplug payload: it has no seq between 0 and 255");
    const auto seq = static_cast<std::uint8_t>(*payload.seq);
    if (topic.type == "NBIRTH") return birth(name, edge, std::move(payload), now_ms);
    if (edge.alive && seq == edge.next) {
        in_order(name, edge, {topic.type, std::string(topic.device), std::move(payload), bytes.size()}, now_ms);
        take_early(name, edge, now_ms);
        return {};
    }
    // Before what is expected by less than half of the circle: doubled or late.
    if ((edge.alive && static_cast<std::uint8_t>(edge.next - seq) < 128) || edge.early.contains(seq)) {
        ++dropped_;
        return {};
    }
    if (edge.early.size() >= kMostEarly || early_bytes_ + bytes.size() > kMostEarlyBytes) {
        ++dropped_;
        gap(name, edge, now_ms);
        return {};
    }
    if (edge.early.empty()) {
        ++waiting_;
        edge.early_since_ms = now_ms;
    }
    early_bytes_ += bytes.size();
    edge.early.emplace(seq, Early{std::string(topic.type), std::string(topic.device), to_bytes(bytes)});
    return {};
}

void SparkplugSessions::look(std::int64_t now_ms) {
    if (waiting_ == 0) return;
    for (auto& [name, edge] : edges_) {
        if (edge.early.empty() || now_ms - edge.early_since_ms < kReorder_ms) continue;
        gap(name, edge, now_ms);
    }
}

}  // namespace tally::gateway::mqtt
