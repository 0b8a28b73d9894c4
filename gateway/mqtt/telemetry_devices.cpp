#include "gateway/mqtt/telemetry_devices.h"

#include <algorithm>

#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/reflect.h"

namespace tally::gateway::mqtt {

namespace registry = chaincode::registry;

namespace {

constexpr std::size_t kMostKnown = 10'000;
constexpr auto kKeptFor = std::chrono::seconds(60);
constexpr auto kRefusalKeptFor = std::chrono::seconds(5);

void add_fields(const registry::Schema& schema, TelemetryDevice& to) {
    for (const auto& field : schema.fields) {
        auto& units = to.fields[field.name];
        const auto found = std::ranges::find(units, field.unit, &TelemetryField::unit);
        if (found == units.end())
            units.push_back({field.unit, field.scale});
        else
            found->scale = std::min(found->scale, field.scale);
    }
}

}  // namespace

Result<std::shared_ptr<const TelemetryDevice>> TelemetryDevices::look_up(const std::string& device) {
    const auto known = TRY(ask_registry<registry::DeviceView>(ask_, "get_device", registry::OneDevice{device}));
    if (known.organization != organization_)
        return fail(Code::permission_denied, "{} is operated by {}, which alone has telemetry of it", device,
                    known.organization);
    if (known.status == registry::DeviceStatus::SUSPENDED)
        return fail(registry::refusals::device_suspended, "the device \"{}\" is suspended", device);
    if (known.status == registry::DeviceStatus::RETIRED)
        return fail(registry::refusals::device_retired, "the device \"{}\" is retired", device);
    auto out = std::make_shared<TelemetryDevice>();
    out->max_skew_ms = known.max_skew_s * 1000;
    for (const auto& each : known.schemas) {
        const auto name = TRY(registry::parse_schema_name(each));
        add_fields(TRY(ask_registry<registry::Schema>(ask_, "get_schema", registry::GetSchema{name.id, name.version})),
                   *out);
    }
    return out;
}

Result<std::shared_ptr<const TelemetryDevice>> TelemetryDevices::find(const std::string& device) {
    const auto now = Clock::now();
    const auto found = known_.find(device);
    if (found != known_.end() && now < found->second.until) return found->second.answer;
    auto answer = look_up(device);
    // What is not known because the ledger could not be asked is asked again at once.
    const bool is_final = answer || answer.error().code.kind() != Kind::unavailable;
    const auto until = is_final ? now + (answer ? kKeptFor : kRefusalKeptFor) : now;
    if (found != known_.end()) {
        found->second = {answer, until};
        return answer;
    }
    while (order_.size() >= kMostKnown) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    known_.emplace(device, Entry{answer, until});
    order_.push_back(device);
    return answer;
}

}  // namespace tally::gateway::mqtt
