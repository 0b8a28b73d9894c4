#include "gateway/mqtt/telemetry.h"

#include <algorithm>
#include <map>

#include "chaincode/calendar.h"

namespace tally::gateway::mqtt {
namespace {

using storage::TelemetryFigure;
using Sample = storage::TelemetryStore::Sample;

constexpr int kMostShift_ms = 10'000;

// The field that a sample's name stands for.
std::string_view field_of(std::string_view name, std::string_view device) {
    if (name.size() > device.size() && name.starts_with(device) &&
        (name[device.size()] == ':' || name[device.size()] == '/'))
        return name.substr(device.size() + 1);
    return name;
}

Result<Sample> resolve(const SenmlSample& sample, const std::string& device, const TelemetryDevice& known) {
    // A field may begin with the device's own name.
    auto found = known.fields.find(sample.name);
    if (found == known.fields.end()) found = known.fields.find(field_of(sample.name, device));
    if (found == known.fields.end())
        return fail(Code::invalid_argument, "\"{}\" is no field of a schema of {}", sample.name, device);
    const auto& units = found->second;
    const auto* unit = &units.front();
    if (!sample.unit.empty()) {
        const auto same = std::ranges::find(units, sample.unit, &TelemetryField::unit);
        if (same == units.end())
            return fail(Code::invalid_argument, "\"{}\" is in {}, not in \"{}\"", found->first, unit->unit,
                        sample.unit);
        unit = &*same;
    } else if (units.size() > 1) {
        return fail(Code::invalid_argument, "\"{}\" has several units in the schemas of {}: say which", found->first,
                    device);
    }
    const auto value = sample.value.at_scale(unit->scale);
    if (!value) return std::unexpected(value.error().within(found->first));
    return Sample{sample.time_ms, found->first, {*value, unit->scale, unit->unit}};
}

// By value: a schema may have become finer since.
bool is_equal(const TelemetryFigure& a, const TelemetryFigure& b) {
    return a.unit == b.unit &&
           ExactNumber::of(a.units, static_cast<int>(a.scale)) == ExactNumber::of(b.units, static_cast<int>(b.scale));
}

}  // namespace

Result<TelemetryTaken> Telemetry::take(const std::string& device, const TelemetryDevice& known,
                                       const Readings& readings) {
    TelemetryTaken out;
    std::map<std::pair<std::int64_t, std::string>, TelemetryFigure> fresh;
    for (const auto& each : readings.samples) {
        auto sample = TRY(resolve(each, device, known));
        if (sample.time_ms > readings.received_ms + known.max_skew_ms)
            return fail(Code::invalid_argument, "a sample of \"{}\" is {} ms ahead of the gateway's clock",
                        sample.field, sample.time_ms - readings.received_ms);
        if (sample.time_ms < readings.received_ms - kTelemetryKept_days * chaincode::kDay_ms)
            return fail(Code::not_kept, "a sample of \"{}\" is more than {} days old", sample.field,
                        kTelemetryKept_days);
        auto stored = TRY(store_.find(device, sample.time_ms, sample.field));
        const auto [at, is_new] = fresh.try_emplace({sample.time_ms, sample.field}, sample.figure);
        if (!is_new && !stored) stored = at->second;
        if (stored && !is_equal(*stored, sample.figure))
            return fail(Code::conflict, "\"{}\" has another value at {} ms already", sample.field, sample.time_ms);
        if (!stored && TRY(store_.closed_span(device, sample.time_ms))) {
            ++out.late;
            fresh.erase(at);
            continue;
        }
        if (!stored) continue;
        ++out.duplicates;
        if (is_new) fresh.erase(at);
    }
    if (fresh.empty()) {
        if (out.late > 0 && out.duplicates == 0)
            return fail(Code::conflict, "the figures of the day are on the ledger: {} samples came too late", out.late);
        return out;
    }
    std::vector<Sample> samples;
    for (auto& [key, figure] : fresh) samples.push_back({key.first, key.second, std::move(figure)});
    if (!TRY(store_.put(device, samples, readings.payload_bytes, readings.received_ms)))
        return fail(Code::busy, "the day is being closed: send it again");
    out.stored = samples.size();
    return out;
}

// Packs that waited at the broker arrive in the same millisecond: each gets one of its own.
Status Telemetry::make_room(const std::string& device, std::vector<SenmlSample>& samples) const {
    for (int shift = 0; shift < kMostShift_ms; ++shift) {
        bool is_free = true;
        for (const auto& each : samples) {
            is_free = is_free && (!each.is_relative ||
                                  !TRY(store_.find(device, each.time_ms, std::string(field_of(each.name, device)))));
        }
        if (is_free) return {};
        for (auto& each : samples) each.time_ms += each.is_relative ? 1 : 0;
    }
    return fail(Code::rate_limited, "too many samples without a time at once");
}

Result<TelemetryTaken> Telemetry::take_senml(const Message& message) {
    if (message.payload.size() > kMostTelemetryBytes)
        return fail(Code::too_large, "a message of {} bytes; telemetry has at most {}", message.payload.size(),
                    kMostTelemetryBytes);
    const auto known = TRY(devices_.find(message.device));
    auto pack = TRY(read_senml(message.payload, message.received_ms));
    if (!pack.has_relative_times)
        return take(message.device, *known, {std::move(pack.samples), message.payload.size(), message.received_ms});
    // Its times are other ones when it is delivered again, so it is known by the broker's packet id.
    const auto id = crypto::sha256({as_bytes(message.device + "\n"), message.payload});
    if (message.may_be_again && TRY(store_.was_delivered(message.packet, id)))
        return TelemetryTaken{0, pack.samples.size(), 0};
    TRY(make_room(message.device, pack.samples));
    const auto count = pack.samples.size();
    auto taken =
        TRY(take(message.device, *known, {std::move(pack.samples), message.payload.size(), message.received_ms}));
    if (count > 0) store_.remember_delivery(message.packet, id);
    return taken;
}

Result<TelemetryTaken> Telemetry::take_readings(const std::string& device, const Readings& readings) {
    const auto known = TRY(devices_.find(device));
    return take(device, *known, readings);
}

}  // namespace tally::gateway::mqtt
