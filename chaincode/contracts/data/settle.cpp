#include "chaincode/contracts/data/settle.h"

#include <algorithm>
#include <deque>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/data/settled_state.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {
namespace {

using agreement::TermsInForce;

constexpr std::int64_t kMinute_s = 60;
constexpr std::int64_t kRevisionsPage = 1000;

// The agreement's terms and the devices of one call, each of which is asked for once: many days have the same.
class Known {
  public:
    Known(Stub& stub, std::string agreement) : stub_(stub), agreement_(std::move(agreement)) {}

    // The terms stay where they are.
    Result<const TermsInForce*> terms_on(Date day) {
        for (const auto& each : terms_) {
            if (each.from <= day && (!each.until || day < *each.until)) return &each;
        }
        return &terms_.emplace_back(TRY(agreement::api::terms_on(stub_, {agreement_, day})));
    }

    // Fails unless the terms cover it. It stays until the next one is asked for.
    Result<const registry::DeviceView*> device_in_scope(const TermsInForce& terms, const std::string& device) {
        if (!device_ || device_->id != device) device_ = TRY(registry::api::get_device(stub_, {device}));
        if (covers(terms.terms, *device_)) return &*device_;
        return fail(refusals::not_in_scope, "the agreement {} does not cover the device {}", terms.id, device);
    }

  private:
    Stub& stub_;
    std::string agreement_;
    std::deque<TermsInForce> terms_;
    std::optional<registry::DeviceView> device_;  // the last one
};

// A day as it is to be judged.
struct Judged {
    SettledDay day;
    bool has_windows = false;
    bool has_register = false;
    bool is_ocmf = false;
    bool is_billed = false;         // the invoice of its period is computed
    std::int64_t before_ms = 0;     // when the record of the day before became known; 0: it has none
    std::int64_t final_from_s = 0;  // when the window has ended
};

Result<std::optional<Bytes>> rows_of(Stub& stub, const TermsInForce& terms, const StoredRecord* record) {
    if (terms.terms.windows.empty() || record == nullptr) return std::nullopt;
    if (stub.attachments().empty()) return std::nullopt;
    TRY(check_open(*record));
    const auto figures = TRY(signed_figures(*record));
    auto rows = TRY(unpack_series(figures, stub.attachments()[0]));
    TRY(check_series(figures, rows));
    return rows;
}

// What is known of the day before: as it became FINAL, or its last revision.
enum class DayBefore { as_final, as_revised };

// Whether a day's figures go on where those of the day before ended.
bool goes_on(const agreement::Terms& terms) {
    return std::ranges::any_of(terms.fields, [](const agreement::BilledField& field) {
        return field.measure == agreement::Measure::REGISTER_DIFFERENCE;
    });
}

Result<Judged> judge(Stub& stub, Known& known, const std::string& id, const std::string& device, Date date,
                     DayBefore day_before = DayBefore::as_final) {
    const auto& terms = *TRY(known.terms_on(date));
    const auto& in_use = *TRY(known.device_in_scope(terms, device));
    const auto& zone = terms.terms.zone;
    Judged out;
    auto& day = out.day;
    day.agreement = id;
    day.version = terms.version;
    day.device = device;
    day.day = date;
    day.from = beginning_of(date, zone);
    day.to = beginning_of(date.plus_days(1), zone);
    out.has_windows = !terms.terms.windows.empty();
    out.is_billed = terms.billed_until && date < *terms.billed_until;
    out.final_from_s = day.to + terms.terms.reconciliation.window_minutes * kMinute_s;
    const auto now_s = stub.time_ms() / 1000;
    day.state = now_s < day.to ? DayState::OPEN : DayState::RECONCILING;

    const auto record = TRY(record_of_day(stub, device, day.from, day.to));
    const auto cloud = TRY(get_document<CloudDay>(stub, cloud_key(device, day.from), "a cloud series"));
    const OfDay yesterday{{device, date.plus_days(-1)}, id};
    std::optional<SettledDay> before;
    if (goes_on(terms.terms)) {
        before = day_before == DayBefore::as_revised
                     ? TRY(latest_of(stub, yesterday))
                     : TRY(get_document<SettledDay>(stub, settled_key(id, device, yesterday.day), "a settled day"));
    }
    if (before && before->content_id) out.before_ms = before->settled_ms;
    DayFacts facts;
    facts.record = record ? &*record : nullptr;
    facts.cloud = cloud ? &*cloud : nullptr;
    facts.before = before ? &*before : nullptr;
    std::optional<OcmfDay> ocmf;
    if (in_use.profile == registry::kProfileOcmf) ocmf = TRY(ocmf_day(stub, device, day.from, day.to));
    facts.ocmf = ocmf ? &*ocmf : nullptr;
    out.is_ocmf = ocmf.has_value();
    const auto rows = TRY(rows_of(stub, terms, facts.record));
    if (rows) facts.rows = *rows;
    day.fields = TRY(settle_fields(terms.terms, facts));
    day.match = std::ranges::max(day.fields, {}, &SettledField::match).match;
    if (record) day.content_id = record->content_id;
    out.has_register = std::ranges::any_of(
        terms.terms.fields, [](const auto& field) { return field.measure == agreement::Measure::REGISTER_DIFFERENCE; });
    // Without a record there are no days of a device before it was registered, but those that go on from a FINAL day;
    // nor once it is retired.
    const bool is_retired = in_use.retired_ms && day.from * 1000 >= *in_use.retired_ms;
    const bool goes_on_from_a_day =
        day.to * 1000 > in_use.registered_ms || TRY(stub.get(settled_key(id, device, yesterday.day))).has_value();
    const bool exists = !is_retired && goes_on_from_a_day;
    if (!record && !exists && !(ocmf && !ocmf->empty()))
        return fail(refusals::not_in_scope, "{} was not in use on {}, and has no record of it", device, date.text());
    const auto traffic = settle_traffic(terms.terms, facts);
    day.traffic = traffic.billed;
    day.traffic_match = traffic.match;
    if (out.has_windows && record && !record->commitment && !rows && !stub.is_query())
        return fail(Code::invalid_argument, "the terms have windows: the packed series of {} on {} is to be attached",
                    device, date.text());
    return out;
}

void stamp(Stub& stub, SettledDay& day) {
    day.transaction = stub.transaction_id().hex();
    day.settled_ms = stub.time_ms();
    day.settled_by = stub.caller().organization;
}

Status check_ended(Stub& stub, const Judged& judged) {
    if (stub.time_ms() / 1000 >= judged.final_from_s) return {};
    return fail(refusals::day_open, "{} of {} can be FINAL from {} on (seconds since the epoch)", judged.day.day.text(),
                judged.day.device, judged.final_from_s);
}

// A register goes on from the day before: where that has a record, it becomes FINAL first.
Status check_day_before(Stub& stub, const std::string& agreement, const std::string& device, const Judged& judged) {
    const auto& day = judged.day;
    const auto date = day.day.plus_days(-1);
    if (TRY(stub.get(settled_key(agreement, device, date)))) return {};
    const auto before = agreement::api::terms_on(stub, {agreement, date});
    if (!before) return {};  // the agreement's first day
    const auto from = beginning_of(date, before->terms.zone);
    const bool has_readings = judged.is_ocmf ? !TRY(ocmf_day(stub, device, from, day.from)).fiscal.empty()
                                             : TRY(record_of_day(stub, device, from, day.from)).has_value();
    if (!has_readings) return {};
    return fail(refusals::day_open, "{} of {} is not FINAL; a register's days become FINAL in their order", date.text(),
                device);
}

// Only who may see the agreement may see its days.
Status check_party(Stub& stub, const std::string& agreement) {
    TRY(agreement::api::get(stub, {agreement}));
    return {};
}

Status put_revision(Stub& stub, SettledDay& day) {
    const auto counter = composite_key({"revisions", day.agreement});
    const auto number = TRY(number_at(stub, counter)) + 1;
    day.revision = number;
    TRY(put_document(stub, revision_key(day.agreement, number), day));
    TRY(stub.put(counter, padded(number)));
    return stub.put(revised_key(day.agreement, day.device, day.day), padded(number));
}

// Of a day that becomes FINAL when its period is billed: what it has is a revision, which the next invoice takes.
SettledDay without_figures(const SettledDay& day) {
    SettledDay out = day;
    out.fields.clear();
    out.traffic.reset();
    out.traffic_match.reset();
    out.content_id.reset();
    out.match = Match::MISSING;
    return out;
}

}  // namespace

bool covers(const agreement::Terms& terms, const registry::DeviceView& device) {
    const auto has_it = [&](const agreement::Scope& scope) {
        return scope.shard == device.shard &&
               (scope.devices.empty() || std::ranges::find(scope.devices, device.id) != scope.devices.end());
    };
    return device.organization == agreement::operator_of(terms) && std::ranges::any_of(terms.scope, has_it);
}

namespace {

// The operator's own figures say as much as the device's.
Status check_in_the_clear(Stub& stub, const std::string& device, const std::optional<std::string>& collection) {
    if (!collection || !registry::keeps_figures(TRY(registry::api::get_collection(stub, {*collection})))) return {};
    return fail(refusals::confidential_figures,
                "the figures of \"{}\" are kept by the collection \"{}\": the operator's own must not be in a block",
                device, *collection);
}

}  // namespace

Result<CloudDay> cloud_series(Stub& stub, const CloudSeries& in) {
    const auto device = TRY(registry::api::get_device(stub, {in.device}));
    if (device.organization != stub.caller().organization)
        return fail(Code::permission_denied, "{} is operated by {}, which alone has figures of its own", in.device,
                    device.organization);
    TRY(check_in_the_clear(stub, in.device, device.collection));
    if (in.to - in.from < kShortestDay_s || in.to - in.from > kLongestPeriod_s)
        return fail(Code::invalid_argument, "\"to\" is {} seconds behind \"from\": a day has 23 to 25 hours",
                    in.to - in.from);
    if (in.to * 1000 > stub.time_ms()) return fail(refusals::day_open, "the day of {} has not ended", in.device);
    for (std::size_t i = 0; i < in.fields.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (in.fields[k].field == in.fields[i].field)
                return fail(Code::invalid_argument, "\"fields\" names {} twice", in.fields[i].field);
        }
    }
    if (in.traffic && (in.traffic->messages < 0 || in.traffic->payload_bytes < 0 || in.traffic->samples < 0))
        return fail(Code::invalid_argument, "a counter of \"traffic\" is below 0");
    const auto key = cloud_key(in.device, in.from);
    if (TRY(stub.get(key)))
        return fail(Code::already_exists, "the figures of {} for the day from {} on are stored", in.device, in.from);
    CloudDay day;
    static_cast<CloudSeries&>(day) = in;
    day.transaction = stub.transaction_id().hex();
    day.received_ms = stub.time_ms();
    TRY(put_document(stub, key, day));
    emit(stub, "cloud_series_stored", day);
    return day;
}

Result<SettledDay> reconcile(Stub& stub, const OfDay& in) {
    if (auto known = TRY(latest_of(stub, in))) {
        TRY(check_party(stub, in.agreement));
        return std::move(*known);
    }
    Known asked(stub, in.agreement);
    return TRY(judge(stub, asked, in.agreement, in.device, in.day)).day;
}

Result<SettledDays> finalize(Stub& stub, const Finalize& in) {
    if (!stub.attachments().empty() && in.days.size() != 1)
        return fail(Code::invalid_argument, "one series is attached for {} days", in.days.size());
    SettledDays out;
    Known known(stub, in.agreement);
    for (const auto& [device, date] : in.days) {
        const auto key = settled_key(in.agreement, device, date);
        if (TRY(stub.get(key))) {
            ++out.already;
            continue;
        }
        auto judged = TRY(judge(stub, known, in.agreement, device, date));
        TRY(check_ended(stub, judged));
        if (judged.has_register) TRY(check_day_before(stub, in.agreement, device, judged));
        auto& day = judged.day;
        day.state = DayState::FINAL;
        stamp(stub, day);
        TRY(stub.put(settling_key(in.agreement, device), ""));
        TRY(put_document(stub, key, judged.is_billed ? without_figures(day) : day));
        if (judged.is_billed) TRY(put_revision(stub, day));
        ++out.finalized;
        if (day.match >= Match::MISMATCH || day.traffic_match == Match::MISMATCH)
            out.mismatches.push_back({device, date});
        emit(stub, "day_final", DayEvent{in.agreement, device, date, day.match});
    }
    if (out.already == static_cast<std::int64_t>(in.days.size())) TRY(check_party(stub, in.agreement));
    return out;
}

Result<SettledDay> revise(Stub& stub, const OfDay& in) {
    const auto known = TRY(latest_of(stub, in));
    Known asked(stub, in.agreement);
    auto judged = TRY(judge(stub, asked, in.agreement, in.device, in.day, DayBefore::as_revised));
    if (!known) return fail(refusals::day_open, "{} of {} is not FINAL: finalize it", in.day.text(), in.device);
    auto& day = judged.day;
    // The same record has other figures when a register goes on from a day before that has come late.
    const bool has_other_figures =
        (day.content_id || judged.is_ocmf) &&
        !std::ranges::equal(day.fields, known->fields, {}, &SettledField::device, &SettledField::device);
    // Figures that are a commitment are not compared: a later day before is enough.
    const bool goes_on_anew = day.match == Match::COMMITTED && judged.before_ms > known->settled_ms;
    if (day.content_id == known->content_id && !has_other_figures && !goes_on_anew)
        return fail(Code::invalid_argument, "nothing is known of {} of {} that the FINAL day does not have",
                    in.day.text(), in.device);
    day.state = DayState::FINAL;
    stamp(stub, day);
    TRY(put_revision(stub, day));
    emit(stub, "day_revised", DayEvent{in.agreement, in.device, in.day, day.match});
    return day;
}

Result<SettledPage> settled(Stub& stub, const Settled& in) {
    TRY(check_party(stub, in.agreement));
    Pager days({"settled", in.agreement, in.device});
    if (in.from) days.from(in.from->text());
    if (in.to) days.before(in.to->text());
    SettledPage page;
    page.next = TRY(days.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto day = TRY(read_document<SettledDay>(entry.value, "a settled day"));
        if (in.revised.value_or(false)) day = TRY(last_revision(stub, std::move(day)));
        page.days.push_back(std::move(day));
        return true;
    }));
    return page;
}

Result<SettledDevices> settled_devices(Stub& stub, const OfAgreement& in) {
    TRY(check_party(stub, in.agreement));
    SettledDevices page;
    page.next = TRY(Pager({"settling", in.agreement}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.devices.emplace_back(last_part(entry.key));
        return true;
    }));
    return page;
}

Result<FirstDays> first_days(Stub& stub, const OfDevices& in) {
    TRY(check_party(stub, in.agreement));
    FirstDays out;
    for (const auto& device : in.devices) {
        const auto [start, end] = children_of({"settled", in.agreement, device});
        const auto first = TRY(stub.range(start, end, {.limit = 1}));
        out.days.emplace_back();
        if (!first.entries.empty()) out.days.back() = TRY(Date::parse(last_part(first.entries.front().key)));
    }
    return out;
}

Result<Revisions> revisions(Stub& stub, const RevisionsFrom& in) {
    TRY(check_party(stub, in.agreement));
    Revisions out;
    out.last = TRY(number_at(stub, composite_key({"revisions", in.agreement})));
    const auto to = std::min(out.last, in.number + in.limit.value_or(kRevisionsPage) - 1);
    for (auto number = in.number; number <= to; ++number) {
        auto day = TRY(get_document<SettledDay>(stub, revision_key(in.agreement, number), "a revision"));
        if (!day) return fail(Code::corrupt, "the revision {} of {} is not there", number, in.agreement);
        out.revisions.push_back(std::move(*day));
    }
    return out;
}

}  // namespace tally::chaincode::data
