#include <set>

#include "chaincode/contracts/data/ocmf.h"
#include "chaincode/contracts/data/ocmf_sessions.h"
#include "chaincode/contracts/data/ocmf_state.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {
namespace {

constexpr std::string_view kBegin = "B", kEnd = "E";
constexpr std::int64_t kMostBetween = 100;  // pages between the beginning of a transaction and its end

std::string page_key(const StoredOcmf& record) {
    const std::string_view context = !record.page ? "-" : record.page->context == 'T' ? "T" : "F";
    return composite_key(
        {"ocmfpage", record.device, context, padded(record.page ? record.page->number : 0), record.content_id});
}

std::string open_key(const StoredOcmf& record, std::string_view place) {
    return composite_key({"ocmfopen", record.device, place, padded(record.page->number), record.content_id});
}

// Where the open beginnings or ends from a page on begin.
std::string open_from(std::string_view device, std::string_view place, std::int64_t number) {
    return composite_key({"ocmfopen", device, place, padded(number)});
}

StoredOcmf stored_form(const Stub& stub, const OcmfRecord& record, const PublishingTerms& terms) {
    auto out = content_of(record);
    out.device = terms.device;
    out.organization = terms.organization;
    out.shard = terms.shard;
    out.bytes = static_cast<std::int64_t>(stub.attachments()[0].size());
    out.transaction = stub.transaction_id().hex();
    out.received_ms = stub.time_ms();
    out.received_from = fmt::format("{}/{}", stub.caller().organization, stub.caller().name);
    return out;
}

// Whether another record has the page.
Result<bool> page_is_taken(Stub& stub, const StoredOcmf& record) {
    if (!record.page) return false;
    const auto context = std::string(1, record.page->context);
    const auto [start, end] = children_of({"ocmfpage", record.device, context, padded(record.page->number)});
    return !TRY(stub.range(start, end, {.limit = 1})).entries.empty();
}

bool begins(const StoredOcmf& record) { return std::ranges::any_of(record.readings, begins_transaction); }
bool ends(const StoredOcmf& record) { return std::ranges::any_of(record.readings, ends_transaction); }

// The record itself, if it begins a transaction, or else the last open beginning before it.
Result<std::optional<StoredOcmf>> beginning_for(Stub& stub, const StoredOcmf& record) {
    if (begins(record)) return record;
    const auto number = record.page->number;
    const auto found =
        TRY(stub.range(open_from(record.device, kBegin, std::max<std::int64_t>(0, number - kMostBetween)),
                       open_from(record.device, kBegin, number), {.limit = 2 * kMostBetween}));
    if (found.entries.empty() || found.more) return std::nullopt;
    return TRY(stored_ocmf(stub, record.device, last_part(found.entries.back().key)));
}

// The record itself, if it ends a transaction, or else the first open end after it.
Result<std::optional<StoredOcmf>> end_for(Stub& stub, const StoredOcmf& record) {
    if (ends(record)) return record;
    const auto number = record.page->number + 1;
    const auto found = TRY(stub.range(open_from(record.device, kEnd, number),
                                      open_from(record.device, kEnd, number + kMostBetween), {.limit = 1}));
    if (found.entries.empty()) return std::nullopt;
    return TRY(stored_ocmf(stub, record.device, last_part(found.entries.front().key)));
}

// Whether every page between two of them is on the ledger, or is that of `record`.
Result<bool> is_complete(Stub& stub, const StoredOcmf& begin, const StoredOcmf& end, const StoredOcmf& record) {
    const auto from = begin.page->number + 1, to = end.page->number;
    if (to < from || to - from > kMostBetween) return false;
    const auto found =
        TRY(stub.range(composite_key({"ocmfpage", record.device, "T", padded(from)}),
                       composite_key({"ocmfpage", record.device, "T", padded(to)}), {.limit = 2 * kMostBetween}));
    std::set<std::string, std::less<>> pages;
    for (const auto& entry : found.entries)
        pages.emplace(std::string_view(entry.key).substr(0, entry.key.size() - last_part(entry.key).size()));
    if (record.page->number >= from && record.page->number < to)
        pages.insert(composite_key({"ocmfpage", record.device, "T", padded(record.page->number), ""}));
    return !found.more && static_cast<std::int64_t>(pages.size()) == to - from;
}

// What the record completes: a transaction within it, or one whose beginning and end are in two records.
Result<std::vector<StoredSession>> sessions_completed(Stub& stub, const StoredOcmf& record) {
    auto within = sessions_with(record, record);
    if (!within.empty()) return within;
    if (!record.page || record.page->context != 'T') return std::vector<StoredSession>();
    const auto begin = TRY(beginning_for(stub, record));
    const auto end = TRY(end_for(stub, record));
    if (begin && end && TRY(is_complete(stub, *begin, *end, record))) {
        auto out = sessions_with(*begin, *end);
        if (!out.empty()) {
            if (!begins(record)) TRY(stub.remove(open_key(*begin, kBegin)));
            if (!ends(record)) TRY(stub.remove(open_key(*end, kEnd)));
            return out;
        }
    }
    if (begins(record)) TRY(stub.put(open_key(record, kBegin), ""));
    if (ends(record)) TRY(stub.put(open_key(record, kEnd), ""));
    return std::vector<StoredSession>();
}

void refuse_overlap(StoredSession& session, std::string_view other) {
    refuse(session, fmt::format("overlap: the register {} is counted for a part of this time in {} already",
                                session.register_id, other));
}

// A register counts each moment once: a meter may sign a transaction in parts and once more as a whole. The sessions
// that count do not overlap, so the first one that ends after this one's beginning decides.
Status refuse_overlaps(Stub& stub, std::vector<StoredSession>& sessions) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        auto& session = sessions[i];
        if (!may_count(session)) continue;
        const auto [start, end] = children_of({"ocmfcounted", session.device, session.register_id});
        const auto after =
            composite_key({"ocmfcounted", session.device, session.register_id, padded(session.begin_ms + 1)});
        const auto found = TRY(stub.range(after, end, {.limit = 1}));
        if (!found.entries.empty()) {
            const auto& entry = found.entries.front();
            const auto begins_ms = unpadded(entry.value);
            if (!begins_ms) return fail(Code::corrupt, "a counted session of \"{}\" has no beginning", session.device);
            if (*begins_ms < session.end_ms) refuse_overlap(session, "the record " + std::string(last_part(entry.key)));
        }
        for (std::size_t k = 0; k < i && may_count(session); ++k) {
            const auto& other = sessions[k];
            const bool overlaps = may_count(other) && other.register_id == session.register_id &&
                                  other.begin_ms < session.end_ms && other.end_ms > session.begin_ms;
            if (overlaps) refuse_overlap(session, "this record");
        }
    }
    return {};
}

Status put_sessions(Stub& stub, const std::vector<StoredSession>& sessions) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        const auto& session = sessions[i];
        TRY(put_document(stub,
                         composite_key({kOcmfSession, session.device, padded(session.end_ms), session.content_id,
                                        padded(static_cast<std::int64_t>(i))}),
                         session));
        if (!may_count(session)) continue;
        TRY(stub.put(composite_key({"ocmfcounted", session.device, session.register_id, padded(session.end_ms),
                                    session.content_id}),
                     padded(session.begin_ms)));
    }
    return {};
}

// The readings of a fiscal record, where a day's settlement finds them.
Status put_fiscal(Stub& stub, const StoredOcmf& record) {
    for (const auto& [place, reading] : fiscal_readings(record)) {
        TRY(put_document(stub,
                         composite_key({kOcmfFiscal, record.device, padded(reading.time_ms), record.content_id,
                                        padded(static_cast<std::int64_t>(place))}),
                         reading));
    }
    return {};
}

}  // namespace

Result<OcmfPublished> publish_ocmf(Stub& stub, const PublishOcmf& in) {
    const auto record = TRY(read_ocmf(as_text(stub.attachments()[0])));
    const auto device = in.device.value_or(record.meter());
    if (device.empty())
        return fail(Code::invalid_argument, "the record has no serial (MS, GS); \"device\" must say whose it is");
    const auto terms = TRY(terms_of(stub, device));
    TRY(check_profile(terms, registry::kProfileOcmf));
    const auto period = period_of(record, stub.time_ms());
    auto stored = stored_form(stub, record, terms);
    stored.epoch = TRY(check_signature(terms, record, period.to_s * 1000));
    TRY(check_publisher(stub, terms));
    const auto key = ocmf_record_key(device, stored.content_id);
    if (TRY(stub.get(key)))
        return fail(refusals::duplicate_record, "\"{}\" has published this record before; its content id is {}", device,
                    stored.content_id);
    TRY(check_status(terms, period));
    TRY(check_clock(stub, terms, period));
    TRY(check_arrival(stub, terms, period));
    stored.verdicts = verdicts_on(record, stored.epoch, TRY(page_is_taken(stub, stored)));
    auto sessions = TRY(sessions_completed(stub, stored));
    TRY(put_document(stub, key, stored));
    TRY(stub.put(page_key(stored), ""));
    for (auto& session : sessions) {
        session.transaction = stored.transaction;
        session.completed_ms = stored.received_ms;
    }
    TRY(refuse_overlaps(stub, sessions));
    TRY(put_sessions(stub, sessions));
    TRY(put_fiscal(stub, stored));
    OcmfPublished out{stored.content_id, stored.transaction, device, stored.page, stored.verdicts, sessions};
    emit(stub, "ocmf_published", out);
    return out;
}

}  // namespace tally::chaincode::data
