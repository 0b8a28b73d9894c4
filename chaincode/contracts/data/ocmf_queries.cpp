#include <algorithm>

#include "chaincode/contracts/data/ocmf.h"
#include "chaincode/contracts/data/ocmf_state.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kMostOfDay = 1000;

// The documents under `name` of a device in [from_s, to_s).
template <class T>
Result<std::vector<T>> in_time(Stub& stub, std::string_view name, const std::string& device, std::int64_t from_s,
                               std::int64_t to_s, std::int64_t until_ms) {
    const auto [start, end] = ocmf_keys(name, device, from_s, to_s);
    const auto page = TRY(stub.range(start, end, {.limit = kMostOfDay}));
    if (page.more) return fail(Code::too_large, "{} has more than {} OCMF readings in a day", device, kMostOfDay);
    std::vector<T> out;
    for (const auto& entry : page.entries) {
        auto each = TRY(read_document<T>(entry.value, "an OCMF reading"));
        if (each.completed_ms <= until_ms) out.push_back(std::move(each));
    }
    return out;
}

}  // namespace

std::string ocmf_record_key(std::string_view device, std::string_view content_id) {
    return composite_key({"ocmf", device, content_id});
}

std::pair<std::string, std::string> ocmf_keys(std::string_view name, std::string_view device, std::int64_t from_s,
                                              std::int64_t to_s) {
    return {composite_key({name, device, padded(from_s * 1000)}), composite_key({name, device, padded(to_s * 1000)})};
}

Result<StoredOcmf> stored_ocmf(Stub& stub, std::string_view device, std::string_view content_id) {
    auto record = TRY(get_document<StoredOcmf>(stub, ocmf_record_key(device, content_id), "an OCMF record"));
    if (!record) return fail(Code::corrupt, "an index of \"{}\" names a record that is not there", device);
    return std::move(*record);
}

Result<OcmfDay> ocmf_day(Stub& stub, const std::string& device, std::int64_t from_s, std::int64_t to_s,
                         std::int64_t until_ms) {
    return OcmfDay{TRY(in_time<StoredSession>(stub, kOcmfSession, device, from_s, to_s, until_ms)),
                   TRY(in_time<FiscalReading>(stub, kOcmfFiscal, device, from_s, to_s, until_ms))};
}

Result<std::optional<StoredOcmf>> ocmf_record(Stub& stub, const OneOcmf& in) {
    return get_document<StoredOcmf>(stub, ocmf_record_key(in.device, in.content_id), "an OCMF record");
}

Result<OcmfRecords> ocmf_records(Stub& stub, const OfOcmfDevice& in) {
    OcmfRecords out;
    std::optional<OcmfPagination> before;
    out.next = TRY(Pager({"ocmfpage", in.device}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        OcmfView view;
        static_cast<StoredOcmf&>(view) = TRY(stored_ocmf(stub, in.device, last_part(entry.key)));
        if (out.records.empty() && view.page) {
            const auto start = children_of({"ocmfpage", in.device, std::string(1, view.page->context)}).first;
            const auto earlier = TRY(stub.range(start, entry.key, {.limit = 1, .reverse = true}));
            if (!earlier.entries.empty())
                before = TRY(stored_ocmf(stub, in.device, last_part(earlier.entries[0].key))).page;
        }
        if (before && view.page && before->context == view.page->context)
            view.missing_before = std::max<std::int64_t>(0, view.page->number - before->number - 1);
        before = view.page;
        out.records.push_back(std::move(view));
        return true;
    }));
    return out;
}

Result<OcmfSessions> ocmf_sessions(Stub& stub, const OcmfSessionsOf& in) {
    OcmfSessions out;
    Pager pager({kOcmfSession, in.device});
    if (in.from_ms) pager.from(padded(*in.from_ms));
    if (in.to_ms) pager.before(padded(*in.to_ms));
    out.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        out.sessions.push_back(TRY(read_document<StoredSession>(entry.value, "a session")));
        return true;
    }));
    return out;
}

}  // namespace tally::chaincode::data
