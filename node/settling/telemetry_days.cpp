#include "node/settling/telemetry_days.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "chaincode/calendar.h"
#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/answers.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace data = chaincode::data;
namespace registry = chaincode::registry;
using chaincode::Date;
using chaincode::Decimal;
using chaincode::WideInteger;
using chaincode::Zone;

namespace {

constexpr std::int64_t kRemovedAfter_days = 41;  // one more than samples may be old (gateway/mqtt/telemetry.h)

struct Coverage {
    agreement::Scope scope;
    Zone zone;
};

Result<std::vector<Coverage>> coverages(ContractCalls& calls) {
    agreement::ListAgreements wanted;
    wanted.state = agreement::AgreementState::ACTIVE;
    wanted.limit = chaincode::kLargestPage;
    std::vector<agreement::Agreement> active;
    TRY(ask_all<agreement::AgreementPage>(calls, "agreement", "list", wanted, [&](auto& page) {
        std::ranges::move(page.agreements, std::back_inserter(active));
    }));
    std::vector<Coverage> out;
    for (const auto& each : active) {
        const auto version = TRY(ask<agreement::Version>(calls, "agreement", "get_version",
                                                         agreement::OneVersion{each.id, each.in_force.back()}));
        if (agreement::operator_of(version.terms) != calls.organization()) continue;
        for (const auto& scope : version.terms.scope) out.push_back({scope, version.terms.zone});
    }
    return out;
}

std::vector<Zone> zones_of(const registry::DeviceView& device, const std::vector<Coverage>& coverages) {
    std::vector<Zone> out;
    for (const auto& [scope, zone] : coverages) {
        const bool covers =
            scope.shard == device.shard &&
            (scope.devices.empty() || std::ranges::find(scope.devices, device.id) != scope.devices.end());
        if (covers && std::ranges::find(out, zone) == out.end()) out.push_back(zone);
    }
    if (out.empty()) out.push_back({"UTC", 0, {}});
    return out;
}

// One field of a day. Samples may have been stored with several scales, as a schema became finer.
struct Sum {
    std::string unit;
    std::int64_t scale = 0;
    WideInteger sum = 0;
    std::int64_t count = 0;
    storage::TelemetryFigure first, last;

    void add(const storage::TelemetryFigure& figure) {
        if (count == 0) {
            unit = figure.unit;
            scale = figure.scale;
            first = figure;
        }
        if (figure.unit != unit) return;
        for (; scale > figure.scale; --scale) sum *= 10;
        WideInteger units = figure.units;
        for (auto at = figure.scale; at > scale; --at) units *= 10;
        sum += units;
        last = figure;
        ++count;
    }
};

Result<Decimal> decimal_of(WideInteger units, std::int64_t scale) {
    for (; scale > 0; --scale) units *= 10;
    return Decimal::of(units, static_cast<int>(-scale));
}

Result<data::CloudField> field_of(const std::string& name, const Sum& sum) {
    data::CloudField out;
    out.field = name;
    out.unit = sum.unit;
    out.count = sum.count;
    out.sum = TRY(decimal_of(sum.sum, sum.scale));
    out.first = TRY(decimal_of(sum.first.units, sum.first.scale));
    out.last = TRY(decimal_of(sum.last.units, sum.last.scale));
    return out;
}

class Days {
  public:
    Days(ContractCalls& calls, storage::TelemetryStore& store, std::int64_t wait_ms, std::int64_t now)
        : calls_(calls), store_(store), wait_ms_(wait_ms), now_ms_(now) {}

    Result<std::size_t> run() {
        const auto covered = TRY(coverages(calls_));
        for (const auto& device : TRY(store_.devices())) {
            const auto status = look_at(device, covered);
            if (status) continue;
            if (status.error().code.kind() == Kind::unavailable) return std::unexpected(status.error());
            spdlog::warn("event=telemetry_not_stored device={} what={}", gateway::log_value(device),
                         gateway::log_value(status.error().message));
        }
        return stored_;
    }

  private:
    Status look_at(const std::string& device, const std::vector<Coverage>& covered) {
        const auto oldest = now_ms_ - kRemovedAfter_days * chaincode::kDay_ms;
        TRY(store_.remove_before(device, oldest));
        std::optional<std::int64_t> first;
        TRY(store_.walk(device, oldest, now_ms_, [&](const auto& sample) {
            first = sample.time_ms;
            return false;
        }));
        if (!first || *first + chaincode::kDay_ms / 2 > now_ms_) return {};  // no day of its has 12 hours
        const auto known =
            TRY(ask<registry::DeviceView>(calls_, "registry", "get_device", registry::OneDevice{device}));
        for (const auto& zone : zones_of(known, covered)) {
            for (auto day = chaincode::date_at(*first / 1000, zone);; day = day.plus_days(1)) {
                const auto from_s = chaincode::beginning_of(day, zone),
                           to_s = chaincode::beginning_of(day.plus_days(1), zone);
                if (to_s * 1000 + wait_ms_ > now_ms_) break;
                TRY(look_at_day(device, from_s, to_s));
            }
        }
        return {};
    }

    Status look_at_day(const std::string& device, std::int64_t from_s, std::int64_t to_s) {
        const auto from_ms = from_s * 1000, to_ms = to_s * 1000;
        const auto span = TRY(store_.span_from(device, from_ms));
        if (span && span->is_on_ledger) return {};
        bool has_samples = false;
        TRY(store_.walk(device, from_ms, to_ms, [&](const auto&) {
            has_samples = true;
            return false;
        }));
        if (!has_samples) return {};
        if (!span) {
            const auto traffic = TRY(store_.traffic(device, from_ms, to_ms));
            if (traffic.last_arrival_ms + wait_ms_ > now_ms_) return {};
            TRY(store_.close(device, from_ms, to_ms));
        }
        // What came between the two is in it.
        const auto counted = TRY(store_.traffic(device, from_ms, to_ms));
        std::map<std::string, Sum> fields;
        TRY(store_.walk(device, from_ms, to_ms, [&](const auto& sample) {
            fields[sample.field].add(sample.figure);
            return true;
        }));
        data::CloudSeries figures;
        figures.device = device;
        figures.from = from_s;
        figures.to = to_s;
        figures.traffic = chaincode::Traffic{counted.messages, counted.payload_bytes, counted.samples};
        for (const auto& [name, sum] : fields) {
            auto field = field_of(name, sum);
            if (field)
                figures.fields.push_back(std::move(*field));
            else
                spdlog::warn("event=telemetry_field_left_out device={} field={} from={} what={}",
                             gateway::log_value(device), gateway::log_value(name), from_s,
                             gateway::log_value(field.error().message));
        }
        if (figures.fields.empty()) return {};
        const auto stored = act<data::CloudDay>(calls_, "data", "cloud_series", figures);
        // Of a device whose figures must not be in a block there is nothing to store.
        const bool is_known = !stored && (stored.error().code == Code::already_exists ||
                                          stored.error().code == data::refusals::confidential_figures);
        if (!stored && !is_known) return std::unexpected(stored.error());
        TRY(store_.set_on_ledger(device, from_ms, to_ms));
        if (stored) ++stored_;
        spdlog::info("event={} device={} from={} samples={} messages={}",
                     is_known ? "telemetry_day_known" : "telemetry_day_stored", gateway::log_value(device), from_s,
                     counted.samples, counted.messages);
        return {};
    }

    ContractCalls& calls_;
    storage::TelemetryStore& store_;
    std::int64_t wait_ms_;
    std::int64_t now_ms_;
    std::size_t stored_ = 0;
};

}  // namespace

Result<std::size_t> store_telemetry_days(ContractCalls& calls, storage::TelemetryStore& store,
                                         std::chrono::seconds wait, std::int64_t now) {
    return Days(calls, store, wait.count() * 1000, now).run();
}

void run_telemetry_days(ContractCalls& calls, storage::TelemetryStore& store, std::chrono::seconds wait,
                        std::stop_token stop) {
    name_thread("telemetry");
    const auto interval = std::clamp(wait / 3, std::chrono::seconds(1), std::chrono::seconds(60));
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        if (const auto looked = store_telemetry_days(calls, store, wait, now_ms()); !looked && !stop.stop_requested())
            spdlog::warn("event=telemetry_not_stored what={}", gateway::log_value(looked.error().message));
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, interval, [] { return false; });
    }
}

}  // namespace tally::node
