#include "chaincode/contracts/data/ocmf_sessions.h"

#include <algorithm>
#include <array>

namespace tally::chaincode::data {
namespace {

// What sessions_between needs of it.
OcmfRecord as_read(const StoredOcmf& stored) {
    OcmfRecord out;
    out.serial = stored.meter;
    out.pagination = stored.page;
    out.user_type = stored.user_type;
    out.user_id = stored.user_id;
    out.point_id = stored.point_id;
    out.readings = stored.readings;
    return out;
}

bool failed(const OcmfVerdict& verdict) {
    return verdict.result != OcmfResult::PASSED && verdict.result != OcmfResult::NOTED;
}

// Why what lies between two records may not be billed. `parts`: the record, or the two.
void decide(StoredSession& session, std::span<const StoredOcmf* const> parts) {
    session.informative = true;
    if (session.quantity < Decimal())
        refuse(session, fmt::format("plausibility: the register counted down, from {} to {}", session.begin.text(),
                                    session.end.text()));
    if (session.end_ms < session.begin_ms) refuse(session, "clock: the end is before the beginning");
    for (const auto* const part : parts) {
        for (const auto& verdict : part->verdicts) {
            if (verdict.check == "identity" || !failed(verdict)) continue;
            session.reasons.push_back(fmt::format("{}: {}", verdict.check, verdict.detail));
            session.informative = session.informative && verdict.check == "clock" && part->informative;
        }
        if (part->epoch != parts.front()->epoch)
            refuse(session, fmt::format("the key changed from epoch {} to {}", parts.front()->epoch, part->epoch));
    }
    session.billable = session.reasons.empty();
}

}  // namespace

StoredOcmf content_of(const OcmfRecord& record) {
    StoredOcmf out;
    out.content_id = record.content_id.hex();
    out.meter = record.meter();
    out.page = record.pagination;
    out.user_type = record.user_type;
    out.user_id = record.user_id;
    out.point_id = record.point_id;
    out.readings = record.readings;
    out.informative = !failed(judge_informative_clock(record));
    return out;
}

Period period_of(const OcmfRecord& record, std::int64_t now_ms) {
    std::optional<std::int64_t> from, to;
    for (const auto& reading : record.readings) {
        if (!reading.time_ms) continue;
        from = std::min(from.value_or(*reading.time_ms), *reading.time_ms);
        to = std::max(to.value_or(*reading.time_ms), *reading.time_ms);
    }
    return {from.value_or(now_ms) / 1000, to.value_or(now_ms) / 1000};
}

std::vector<OcmfVerdict> verdicts_on(const OcmfRecord& record, std::int64_t epoch, bool page_is_taken) {
    std::vector<OcmfVerdict> out{{"signature", OcmfResult::PASSED, fmt::format("by the key of epoch {}", epoch)}};
    for (auto& verdict : judge_content(record)) out.push_back(std::move(verdict));
    if (page_is_taken && record.pagination)
        *std::ranges::find(out, "pagination", &OcmfVerdict::check) =
            judge_succession(*record.pagination, record.pagination);
    return out;
}

std::vector<StoredSession> sessions_with(const StoredOcmf& begin, const StoredOcmf& end) {
    const bool in_one_record = begin.content_id == end.content_id;
    const auto counted = in_one_record ? sessions_of(begin.readings) : sessions_between(as_read(begin), as_read(end));
    std::vector<StoredSession> out;
    for (const auto& each : counted) {
        StoredSession session;
        static_cast<OcmfSession&>(session) = each;
        session.device = end.device;
        session.content_id = end.content_id;
        session.begin_content_id = begin.content_id;
        std::vector<const StoredOcmf*> parts{&begin};
        if (!in_one_record) parts.push_back(&end);
        decide(session, parts);
        out.push_back(std::move(session));
    }
    return out;
}

std::map<std::size_t, FiscalReading> fiscal_readings(const StoredOcmf& record) {
    std::map<std::size_t, FiscalReading> out;
    if (!record.page || record.page->context != 'F') return out;
    StoredSession judged;
    decide(judged, std::array{&record});
    for (std::size_t i = 0; i < record.readings.size(); ++i) {
        const auto& reading = record.readings[i];
        if (!reading.value || !reading.time_ms) continue;
        out.emplace(i, FiscalReading{reading.register_id, reading.unit, *reading.value, *reading.time_ms,
                                     record.content_id, judged.billable, judged.informative, record.received_ms});
    }
    return out;
}

bool may_count(const StoredSession& session) { return session.billable || session.informative; }

void refuse(StoredSession& session, std::string reason) {
    session.billable = session.informative = false;
    session.reasons.push_back(std::move(reason));
}

}  // namespace tally::chaincode::data
