#include "gateway/mqtt/telemetry_bridge.h"

#include <chrono>

#include "chaincode/json/strict_json.h"
#include "crypto/clocks.h"
#include "gateway/http/log_value.h"
#include "gateway/mqtt/reply.h"
#include "gateway/mqtt/topics.h"

namespace tally::gateway::mqtt {
namespace {

std::string birth_topic(const std::string& channel, const std::string& edge) {
    return fmt::format("spBv1.0/{}/NCMD/{}", channel, edge);
}

}  // namespace

std::vector<std::string> TelemetryBridge::topics(const BridgeOptions& options) {
    std::vector<std::string> out{device_topic(options.channel, "+", TopicKind::telemetry)};
    if (!options.sparkplug) return out;
    for (const auto* type : {"NBIRTH", "NDATA", "NDEATH"})
        out.push_back(fmt::format("spBv1.0/{}/{}/+", options.channel, type));
    for (const auto* type : {"DBIRTH", "DDATA", "DDEATH"})
        out.push_back(fmt::format("spBv1.0/{}/{}/+/+", options.channel, type));
    return out;
}

TelemetryBridge::TelemetryBridge(const BridgeOptions& options, std::string organization, BridgeCounters& counters,
                                 Bridge::Log log, Publish reply, Publish command)
    : options_(options),
      counters_(counters),
      log_(std::move(log)),
      reply_(std::move(reply)),
      telemetry_(*options.telemetry, options.ask, std::move(organization)),
      sparkplug_({[this](const std::string& device, const std::string& field) {
                      const auto known = telemetry_.devices().find(device);
                      return known && (*known)->fields.contains(field);
                  },
                  [this](const std::string& device, std::vector<SenmlSample> samples, std::size_t bytes) {
                      take_samples(device, std::move(samples), bytes);
                  },
                  [command, channel = options.channel](const std::string& edge) {
                      command(birth_topic(channel, edge), std::string(as_text(rebirth_request(now_ms()))));
                  },
                  [this](const std::string& device, bool alive) {
                      log_(fmt::format("event={} device={}", alive ? "sparkplug_birth" : "sparkplug_death",
                                       log_value(device)));
                  }}) {}

bool TelemetryBridge::take(const Incoming& message) {
    const auto topic = parse_device_topic(message.topic, options_.channel);
    if (topic && topic->kind == TopicKind::telemetry) {
        if (message.retained || message.qos == 0)
            ++counters_.dropped;
        else
            take_senml(std::string(topic->device), message);
        return true;
    }
    if (topic || !options_.sparkplug) return false;
    const auto sparkplug = SparkplugSessions::parse_topic(message.topic, options_.channel);
    if (!sparkplug) return false;
    if (message.retained) {  // the standard forbids it: it is of nobody knows when
        ++counters_.dropped;
        return true;
    }
    ++counters_.packs;
    const auto taken = message.payload.size() > kMostTelemetryBytes
                           ? fail(Code::too_large, "a message of {} bytes", message.payload.size())
                           : sparkplug_.take(*sparkplug, message.payload, now_ms());
    if (!taken) refuse(std::string(sparkplug->edge), taken.error());
    look();
    return true;
}

void TelemetryBridge::refuse(const std::string& device, const Error& error) {
    ++counters_.packs_refused;
    log_(fmt::format("event=telemetry_refused device={} code={} what={}", log_value(device), error.code.name(),
                     log_value(error.message)));
}

void TelemetryBridge::take_senml(const std::string& device, const Incoming& message) {
    ++counters_.packs;
    const auto id = crypto::sha256(message.payload).hex();
    const auto taken =
        options_.disk_is_full()
            ? Result<TelemetryTaken>(fail(Code::disk_full, "the gateway's disk is full"))
            : telemetry_.take_senml({device, message.payload, message.packet, message.may_be_again, now_ms()});
    const auto topic = device_topic(options_.channel, device, TopicKind::reply);
    if (!taken) {
        refuse(device, taken.error());
        return reply_(topic, reply_text(id, taken.error()));
    }
    counters_.samples += taken->stored;
    counters_.duplicates += taken->duplicates;
    counters_.late += taken->late;
    Response response;
    response.content_type = "application/json";
    response.body = chaincode::json_text(
        boost::json::object{{"stored", taken->stored}, {"duplicates", taken->duplicates}, {"late", taken->late}});
    replies_.emplace_back(topic, reply_text(id, response));
}

void TelemetryBridge::take_samples(const std::string& device, std::vector<SenmlSample> samples,
                                   std::size_t payload_bytes) {
    if (samples.empty()) return;
    const auto taken = options_.disk_is_full()
                           ? Result<TelemetryTaken>(fail(Code::disk_full, "the gateway's disk is full"))
                           : telemetry_.take_readings(device, {std::move(samples), payload_bytes, now_ms()});
    if (!taken) return refuse(device, taken.error());
    counters_.samples += taken->stored;
    counters_.duplicates += taken->duplicates;
    counters_.late += taken->late;
}

void TelemetryBridge::count_record(const std::string& device, const Counted& record) {
    const auto counted = telemetry_.store().count_once(device, record.at_ms, record.content_id,
                                                       {1, record.payload_bytes, record.samples, now_ms()});
    if (!counted) refuse(device, counted.error());
}

Status TelemetryBridge::settle() {
    TRY(telemetry_.store().sync());
    for (auto& [topic, text] : replies_) reply_(std::move(topic), std::move(text));
    replies_.clear();
    return {};
}

void TelemetryBridge::look() {
    sparkplug_.look(now_ms());
    counters_.sparkplug_alive = sparkplug_.alive();
    counters_.sparkplug_dropped = sparkplug_.dropped();
    counters_.sparkplug_gaps = sparkplug_.gaps();
}

}  // namespace tally::gateway::mqtt
