#include "chaincode/contracts/data/settle_figures.h"

#include <algorithm>
#include <set>

#include "chaincode/records/series.h"

namespace tally::chaincode::data {
namespace {

using agreement::BilledField;
using agreement::Measure;
using agreement::OnMismatch;
using agreement::Terms;
using agreement::Window;

Result<Decimal> decimal_of(WideInteger value, std::int64_t scale) {
    if (scale <= 0) return Decimal::of(value, static_cast<int>(-scale));
    for (; scale > 0; --scale) {
        if (__builtin_mul_overflow(value, 10, &value)) return fail(Code::invalid_argument, "a figure is too large");
    }
    return Decimal::of(value, 0);
}

// The figures of one side of a day.
struct Side {
    std::int64_t count = 0;
    Decimal sum;
    std::optional<Decimal> first, last, highest;
    std::vector<std::string> sessions;  // content ids
};

// A field of an OCMF meter is a register: "1-0:1.8.0" is also "1-0:1.8.0*198".
bool is_register(const BilledField& wanted, std::string_view register_id) {
    return register_id.substr(0, register_id.find('*')) == wanted.field;
}

// Wh and kWh are exact multiples of each other; none for other units.
Result<std::optional<Decimal>> in_unit(const Decimal& value, std::string_view from, std::string_view to) {
    if (from == to) return value;
    if (from == "Wh" && to == "kWh") return TRY(Decimal::of(value.units(), value.decimals() + 3));
    if (from == "kWh" && to == "Wh") return TRY(value.times(*Decimal::of(1000, 0), value.decimals(), Rounding::DOWN));
    return std::nullopt;
}

template <class Reading>
bool may_be_billed(const BilledField& wanted, const Reading& reading) {
    return reading.billable || (reading.informative && wanted.informative_times.value_or(false));
}

void cite(Side& side, const std::string& content_id) {
    if (side.sessions.empty() || side.sessions.back() != content_id) side.sessions.push_back(content_id);
    ++side.count;
}

Result<std::optional<Side>> session_side(const BilledField& wanted, const OcmfDay& day) {
    Side side;
    for (const auto& session : day.sessions) {
        if (!is_register(wanted, session.register_id) || !may_be_billed(wanted, session)) continue;
        const auto quantity = TRY(in_unit(session.quantity, session.unit, wanted.unit));
        if (!quantity) continue;
        side.sum = TRY(side.sum.plus(*quantity));
        cite(side, session.content_id);
    }
    return side.count == 0 ? std::nullopt : std::optional(std::move(side));
}

Result<std::optional<Side>> fiscal_side(const BilledField& wanted, const OcmfDay& day) {
    Side side;
    for (const auto& reading : day.fiscal) {
        if (!is_register(wanted, reading.register_id) || !may_be_billed(wanted, reading)) continue;
        const auto value = TRY(in_unit(reading.value, reading.unit, wanted.unit));
        if (!value) continue;
        if (!side.first) side.first = value;
        side.last = value;
        side.highest = side.highest ? std::max(*side.highest, *value) : *value;
        cite(side, reading.content_id);
    }
    return side.count == 0 ? std::nullopt : std::optional(std::move(side));
}

Result<std::optional<Side>> device_side(const BilledField& wanted, const DayFacts& facts) {
    if (wanted.measure == Measure::SESSION)
        return facts.ocmf == nullptr ? std::optional<Side>() : TRY(session_side(wanted, *facts.ocmf));
    if (facts.ocmf != nullptr)
        return wanted.measure == Measure::SUM ? std::optional<Side>() : TRY(fiscal_side(wanted, *facts.ocmf));
    const auto* const record = facts.record;
    if (record == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < record->fields.size(); ++i) {
        const auto& [name, unit, scale] = record->fields[i];
        if (name != wanted.field || unit != wanted.unit) continue;
        const auto& summary = record->summary[i];
        if (summary.count == 0) return std::nullopt;
        return Side{summary.count,
                    TRY(decimal_of(summary.sum, scale)),
                    TRY(decimal_of(summary.first, scale)),
                    TRY(decimal_of(summary.last, scale)),
                    TRY(decimal_of(summary.max, scale)),
                    {}};
    }
    return std::nullopt;
}

std::optional<Side> cloud_side(const BilledField& wanted, const CloudDay* cloud) {
    if (cloud == nullptr) return std::nullopt;
    for (const auto& field : cloud->fields) {
        if (field.field != wanted.field || field.unit != wanted.unit || field.count == 0) continue;
        return Side{field.count, field.sum, field.first, field.last, std::nullopt, {}};
    }
    return std::nullopt;
}

std::optional<Decimal> last_of(const SettledDay* day, std::string_view field) {
    if (day == nullptr) return std::nullopt;
    const auto found = std::ranges::find(day->fields, field, &SettledField::field);
    return found == day->fields.end() ? std::nullopt : found->last;
}

// A day's quantity of one side. A register goes on where the day before ended, so that nothing between two days is
// lost; none when it went back without a modulus, or jumped by more than half of it.
Result<std::optional<Decimal>> quantity_of(const BilledField& wanted, const Side& side,
                                           const std::optional<Decimal>& before) {
    if (wanted.measure != Measure::REGISTER_DIFFERENCE) return side.sum;
    if (!side.last || !side.first) return std::nullopt;
    auto difference = TRY(side.last->minus(before.value_or(*side.first)));
    if (difference >= Decimal()) return difference;
    if (!wanted.modulus) return std::nullopt;
    difference = TRY(difference.plus(*wanted.modulus));
    if (difference < Decimal() || TRY(difference.plus(difference)) > *wanted.modulus) return std::nullopt;
    return difference;
}

Result<Match> compared(const BilledField& wanted, const Decimal& device, const Decimal& cloud, bool same_count) {
    if (device == cloud) return same_count ? Match::MATCH : Match::WITHIN_TOLERANCE;
    auto difference = TRY(device.minus(cloud));
    if (difference < Decimal()) difference = TRY(Decimal().minus(difference));
    if (wanted.tolerance && difference <= *wanted.tolerance) return Match::WITHIN_TOLERANCE;
    if (!wanted.tolerance_percent) return Match::MISMATCH;
    const auto size = device < Decimal() ? TRY(Decimal().minus(device)) : device;
    const auto percent = TRY(Decimal::of(wanted.tolerance_percent->units(), wanted.tolerance_percent->decimals() + 2));
    const auto allowed = TRY(size.times(percent, size.decimals(), Rounding::DOWN));
    return difference <= allowed ? Match::WITHIN_TOLERANCE : Match::MISMATCH;
}

std::optional<Decimal> billed_of(const Terms& terms, const SettledField& field) {
    if (!field.device) return std::nullopt;
    if (field.match == Match::ONE_SIDED) {
        const bool disputed = terms.reconciliation.cloud == agreement::CloudSeries::REQUIRED &&
                              terms.reconciliation.on_mismatch == OnMismatch::DISPUTE;
        return disputed ? std::nullopt : field.device;
    }
    if (field.match != Match::MISMATCH) return field.device;
    switch (terms.reconciliation.on_mismatch) {
        case OnMismatch::DEVICE: return field.device;
        case OnMismatch::LOWER: return std::min(*field.device, *field.cloud);
        case OnMismatch::DISPUTE: return std::nullopt;
    }
    return std::nullopt;
}

Result<SettledField> settle_field(const Terms& terms, const BilledField& wanted, const DayFacts& facts) {
    SettledField out;
    out.field = wanted.field;
    out.unit = wanted.unit;
    if (facts.record != nullptr && facts.record->commitment) {
        out.match = Match::COMMITTED;
        return out;
    }
    const auto before = last_of(facts.before, wanted.field);
    const auto device = TRY(device_side(wanted, facts));
    const auto cloud = terms.reconciliation.cloud == agreement::CloudSeries::NONE ? std::optional<Side>()
                                                                                  : cloud_side(wanted, facts.cloud);
    if (device) {
        out.device = TRY(quantity_of(wanted, *device, before));
        out.highest = device->highest;
        out.first = device->first;
        out.last = device->last;
        if (!device->sessions.empty()) out.sessions = device->sessions;
    }
    if (cloud) out.cloud = TRY(quantity_of(wanted, *cloud, before));
    if (device && !out.device)
        out.match = Match::OUT_OF_RANGE;
    else if (out.device && out.cloud)
        out.match = TRY(compared(wanted, *out.device, *out.cloud, device->count == cloud->count));
    else if (out.device || out.cloud)
        out.match = Match::ONE_SIDED;
    out.billed = billed_of(terms, out);
    return out;
}

bool holds(const Window& window, agreement::Weekday day, std::int64_t minute) {
    if (minute < window.from_minute || minute >= window.to_minute) return false;
    return window.days.empty() || std::ranges::find(window.days, day) != window.days.end();
}

// Sums of each field's readings by window, of the interval that begins at each reading.
Status add_windows(const Terms& terms, const StoredRecord& record, ByteView rows, std::vector<SettledField>& fields) {
    const auto figures = TRY(signed_figures(record));
    std::vector<std::vector<WideInteger>> sums(record.fields.size(), std::vector<WideInteger>(terms.windows.size()));
    RowReader reader(figures, rows);
    while (reader.next()) {
        const auto at_s = record.from + reader.offset();
        const auto minute = (at_s + offset_at(at_s, terms.zone)) % 86'400 / 60;
        const auto iso = std::chrono::weekday(date_at(at_s, terms.zone).day()).iso_encoding();
        const auto weekday = static_cast<agreement::Weekday>(iso - 1);
        for (std::size_t w = 0; w < terms.windows.size(); ++w) {
            if (!holds(terms.windows[w], weekday, minute)) continue;
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i][w] += reader.values()[i].value_or(0);
        }
    }
    TRY(reader.status());
    for (auto& field : fields) {
        const auto found = std::ranges::find(record.fields, field.field, &Field::name);
        if (!field.billed || found == record.fields.end()) continue;
        const auto i = static_cast<std::size_t>(found - record.fields.begin());
        field.windows.emplace();
        for (std::size_t w = 0; w < terms.windows.size(); ++w)
            field.windows->push_back({terms.windows[w].name, TRY(decimal_of(sums[i][w], found->scale))});
    }
    return {};
}

}  // namespace

Result<std::optional<StoredRecord>> record_of_day(Stub& stub, const std::string& device, std::int64_t from,
                                                  std::int64_t to) {
    const auto sequence = TRY(stub.get(day_key(device, from)));
    if (!sequence) return std::nullopt;
    auto record = TRY(record_at(stub, device, {day_key(device, from), *sequence, {}}));
    if (record.to != to) return std::nullopt;
    while (auto correction = TRY(correction_of(stub, record))) record = std::move(*correction);
    return record;
}

Result<std::vector<SettledField>> settle_fields(const Terms& terms, const DayFacts& facts) {
    std::vector<SettledField> out;
    for (const auto& field : terms.fields) out.push_back(TRY(settle_field(terms, field, facts)));
    if (facts.rows && facts.record != nullptr) TRY(add_windows(terms, *facts.record, *facts.rows, out));
    return out;
}

std::optional<std::vector<std::string>> cited_readings(const SettledDay& day) {
    std::set<std::string> ids;
    for (const auto& field : day.fields) {
        if (field.sessions) ids.insert(field.sessions->begin(), field.sessions->end());
    }
    if (ids.empty()) return std::nullopt;
    return std::vector<std::string>(ids.begin(), ids.end());
}

SettledTraffic settle_traffic(const Terms& terms, const DayFacts& facts) {
    SettledTraffic out;
    if (facts.record == nullptr || !facts.record->traffic) return out;
    const auto& device = *facts.record->traffic;
    out.billed = device;
    if (facts.cloud == nullptr || !facts.cloud->traffic || terms.reconciliation.cloud == agreement::CloudSeries::NONE)
        return out;
    const auto& gateway = *facts.cloud->traffic;
    out.match = device == gateway ? Match::MATCH : Match::MISMATCH;
    if (out.match == Match::MATCH) return out;
    switch (terms.reconciliation.on_mismatch) {
        case OnMismatch::DEVICE: break;
        case OnMismatch::LOWER:
            out.billed = Traffic{std::min(device.messages, gateway.messages),
                                 std::min(device.payload_bytes, gateway.payload_bytes),
                                 std::min(device.samples, gateway.samples)};
            break;
        case OnMismatch::DISPUTE: out.billed.reset(); break;
    }
    return out;
}

Result<DeviceRecord> signed_figures(const StoredRecord& record) {
    DeviceRecord out;
    out.start_s = record.from;
    out.end_s = record.to;
    out.fields = record.fields;
    out.summary = record.summary;
    if (record.commitment)
        out.commitment = TRY(crypto::Hash::from_hex(*record.commitment));
    else
        out.root = TRY(crypto::Hash::from_hex(record.root));
    out.rows_per_leaf = record.rows_per_leaf;
    return out;
}

}  // namespace tally::chaincode::data
