#include "node/channel/evidence_day.h"

#include <algorithm>

#include "chaincode/contracts/data/settle_figures.h"

namespace tally::node {

namespace data = chaincode::data;
using evidence::must;
using evidence::status_of;

namespace {

std::string figure(const std::optional<chaincode::Decimal>& value) { return value ? value->text() : "none"; }

std::string cited(const data::SettledField& field) {
    return field.sessions ? fmt::format("{}", fmt::join(*field.sessions, ", ")) : "none";
}

// The fields again, from what the device has signed.
Result<std::vector<data::SettledField>> fields_again(const data::ExaminedDay& day, const data::SettledDay& settled,
                                                     const SignedDay& by_device, const ProvenFigures& proven) {
    data::DayFacts facts;
    // As it was known when the day became FINAL.
    facts.before = proven.settled_on(day.device, day.day.plus_days(-1));
    if (facts.before != nullptr && facts.before->settled_ms > settled.settled_ms) facts.before = nullptr;
    data::StoredRecord figures;
    if (by_device.record != nullptr) {
        const auto& record = by_device.record->message.record;
        figures.from = record.start_s;
        figures.fields = record.fields;
        figures.summary = record.summary;
        if (record.commitment) figures.commitment = record.commitment->hex();
        facts.record = &figures;
    }
    data::OcmfDay ocmf;
    if (by_device.ocmf != nullptr) {
        ocmf = TRY(by_device.ocmf->day(settled.from, settled.to, settled.settled_ms));
        facts.ocmf = &ocmf;
    }
    return data::settle_fields(*proven.terms_on(day.day), facts);
}

}  // namespace

Status check_readings(const std::string& name, const data::ExaminedDay& day, const OcmfEvidence& ocmf,
                      const ProvenFigures& proven, Checks& checks) {
    const auto* settled = proven.settled_on(day.device, day.day);
    const auto ids = settled == nullptr ? std::nullopt : data::cited_readings(*settled);
    for (const auto& id : ids.value_or(std::vector<std::string>()))
        TRY(must(checks, ocmf.has(id), name, "record " + id, "no such record in the file"));
    const auto& zone = proven.terms_on(day.day)->zone;
    const auto found =
        ocmf.day(chaincode::beginning_of(day.day, zone), chaincode::beginning_of(day.day.plus_days(1), zone));
    TRY(must(checks, name, "sessions that follow from records in the file", status_of(found)));
    const auto count = static_cast<std::int64_t>(found->sessions.size() + found->fiscal.size());
    return must(checks, count == day.readings, name,
                fmt::format("{} sessions and fiscal readings, which the audit has found", day.readings.value_or(0)),
                fmt::format("records with {} of them", count));
}

Status check_final_day(const std::string& name, const data::ExaminedDay& day, const SignedDay& by_device,
                       const ProvenFigures& proven, Checks& checks) {
    if (day.state != data::DayState::FINAL || day.revision) return {};
    const auto* settled = proven.settled_on(day.device, day.day);
    if (settled == nullptr) return must(checks, false, name, "its FINAL figures", "not in the file");
    const auto version = proven.versions.find(settled->version);
    TRY(must(checks, version != proven.versions.end() && &version->second.terms == proven.terms_on(day.day),
             name + ", its terms", fmt::format("version {}, in force then", settled->version),
             "another version, or none, in the file"));
    TRY(must(checks, settled->content_id == day.content_id, name + ", its record", day.content_id.value_or("none"),
             settled->content_id.value_or("none")));
    if ((by_device.record == nullptr && by_device.ocmf == nullptr) || settled->fields.empty()) return {};
    const auto again =
        TRY(checks.need(name, "figures that follow from the terms", fields_again(day, *settled, by_device, proven)));
    for (const auto& field : again) {
        const auto what = fmt::format("{}, {}", name, field.field);
        const auto stored = std::ranges::find(settled->fields, field.field, &data::SettledField::field);
        if (stored == settled->fields.end()) {
            TRY(checks.same(what, figure(field.device), "none"));
            continue;
        }
        TRY(must(checks, stored->sessions == field.sessions, what + ", its records", cited(field), cited(*stored)));
        if (stored->device != field.device) TRY(checks.same(what, figure(field.device), figure(stored->device)));
    }
    return {};
}

}  // namespace tally::node
