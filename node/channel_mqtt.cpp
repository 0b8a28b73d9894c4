#include <spdlog/spdlog.h>

#include "chaincode/json/strict_json.h"
#include "node/channel_parts.h"
#include "node/own_calls.h"
#include "node/settling/admit_devices.h"
#include "node/settling/telemetry_days.h"
#include "node/threads/stopwatch.h"

// The parts of a channel's node that serve an MQTT broker.

namespace tally::node {

chaincode::Caller ChannelNode::Parts::own_caller() const {
    const auto certificate = identities.client->certificate();
    const auto& subject = certificate.subject();
    return {subject.organization, subject.organizational_unit, subject.common_name, certificate.der()};
}

gateway::mqtt::AskLedger ChannelNode::Parts::ask_ledger() const {
    return [this, caller = own_caller()](std::string_view contract, std::string_view function,
                                         const boost::json::object& arguments) {
        return endorsing->evaluator->query(caller, std::string(contract), std::string(function),
                                           chaincode::json_text(arguments), now_ms());
    };
}

Status ChannelNode::Parts::build_registrar() {
    if (!gateway || !config.mqtt.registration) return {};
    registrar = TRY(gateway::mqtt::Registrar::open(
        {config.data / "registrations", ask_ledger(), own_caller().organization, store->channel()}));
    return {};
}

// Records that come by MQTT are published in the name of the gateway.
Status ChannelNode::Parts::build_mqtt() {
    if (!gateway || config.mqtt.broker.empty()) return {};
    const auto& in = config.mqtt;
    gateway::mqtt::BridgeOptions options;
    options.broker = TRY(gateway::mqtt::parse_broker(in.broker));
    options.authorities = in.authorities;
    options.certificate = in.identity.certificate;
    options.key = in.identity.key;
    options.channel = store->channel();
    options.client_id = fmt::format("tally-{}-{}", config.name, options.channel);
    options.share = in.share;
    options.max_in_flight = in.max_in_flight;
    options.registrar = registrar.get();
    if (in.telemetry) {
        telemetry = TRY(storage::TelemetryStore::open(config.data / "telemetry"));
        options.telemetry = telemetry.get();
        options.sparkplug = in.sparkplug;
        options.disk_is_full = [this] { return disk->is_low(); };
        options.ask = ask_ledger();
    }
    mqtt = TRY(gateway::mqtt::Bridge::create(std::move(options), gateway->backend().submissions, own_caller(),
                                             [](const std::string& line) { spdlog::info("{}", line); }));
    return {};
}

void ChannelNode::Parts::add_mqtt_gauges() {
    const auto& counters = mqtt->counters();
    const auto count = [this](const char* name, const char* what, const std::atomic<std::uint64_t>& counter) {
        metrics.counter(name, what, [&counter] { return static_cast<double>(counter.load()); });
    };
    metrics.gauge("tally_mqtt_connected", "Whether the broker is connected",
                  [&counters] { return counters.connected ? 1.0 : 0.0; });
    count("tally_mqtt_records_total", "Records that came by MQTT", counters.records);
    count("tally_mqtt_committed_total", "Of them, on the ledger", counters.committed);
    count("tally_mqtt_refused_total", "Of them, answered otherwise", counters.refused);
    count("tally_mqtt_wrong_device_total", "Of them, signed by another device than their topic names",
          counters.wrong_device);
    count("tally_mqtt_dropped_total", "Messages that were retained, of QoS 0, or of no topic that is read",
          counters.dropped);
    if (registrar)
        count("tally_mqtt_registrations_total", "Requests of devices to be registered", counters.registrations);
    if (!telemetry) return;
    count("tally_mqtt_telemetry_total", "Messages of telemetry that came by MQTT", counters.packs);
    count("tally_mqtt_telemetry_refused_total", "Of them, refused", counters.packs_refused);
    count("tally_mqtt_samples_total", "Samples of telemetry that were stored", counters.samples);
    count("tally_mqtt_samples_duplicate_total", "Samples that were stored already", counters.duplicates);
    count("tally_mqtt_samples_late_total", "Samples of days whose figures are on the ledger", counters.late);
    if (!config.mqtt.sparkplug) return;
    metrics.gauge("tally_mqtt_sparkplug_alive", "Edge nodes and devices of Sparkplug B that are alive",
                  [&counters] { return static_cast<double>(counters.sparkplug_alive.load()); });
    count("tally_mqtt_sparkplug_gaps_total", "Sessions that ended because a message was missing",
          counters.sparkplug_gaps);
    count("tally_mqtt_sparkplug_dropped_total", "Messages that were doubled, late or of no session",
          counters.sparkplug_dropped);
}

void ChannelNode::store_telemetry(std::stop_token stop) const {
    if (!parts_->telemetry) return;
    OwnCalls calls({*parts_->identities.client, parts_->store->channel(), parts_->store->ledger(),
                    *parts_->endorsing->evaluator, parts_->gateway->submitter(), stop});
    run_telemetry_days(calls, *parts_->telemetry, std::chrono::seconds(parts_->config.mqtt.telemetry_wait_s),
                       std::move(stop));
}

void ChannelNode::admit(std::stop_token stop) const {
    if (!parts_->registrar) return;
    OwnCalls calls({*parts_->identities.client, parts_->store->channel(), parts_->store->ledger(),
                    *parts_->endorsing->evaluator, parts_->gateway->submitter(), stop});
    run_admissions(calls, *parts_->registrar, parts_->config.mqtt.admit_like, std::move(stop));
}

}  // namespace tally::node
