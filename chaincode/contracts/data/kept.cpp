#include "chaincode/contracts/data/kept.h"

#include <algorithm>

#include "chaincode/calendar.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kMostReports = 64;  // of one organization on one erasure

std::string order_key(std::string_view device, std::string_view order) {
    return composite_key({"erasure", device, order});
}

Result<registry::Collection> collection_of(Stub& stub, const std::string& id) {
    return registry::api::get_collection(stub, {id});
}

Status check_digest(const std::string& digest) {
    if (crypto::Hash::from_hex(digest)) return {};
    return fail(Code::invalid_argument, "\"digest\" is no SHA-256: 64 hexadecimal digits");
}

// Only a keeper knows what its nodes have removed.
Status check_keeper(Stub& stub, const registry::Collection& collection) {
    const auto& organization = stub.caller().organization;
    if (std::ranges::find(collection.keepers, organization) != collection.keepers.end()) return {};
    return fail(Code::permission_denied, "{} is no keeper of the collection \"{}\"; {}", organization, collection.id,
                fmt::join(collection.keepers, ", "));
}

Result<ErasureView> view_of(Stub& stub, ErasureOrder order) {
    ErasureView view{std::move(order), {}};
    const auto [start, end] = children_of({"erased", view.device, view.order});
    const auto page = TRY(stub.range(start, end, {.limit = kLargestPage}));
    for (const auto& entry : page.entries)
        view.reports.push_back(TRY(read_document<ErasureReport>(entry.value, "an erasure's report")));
    return view;
}

Result<ErasureOrder> find_order(Stub& stub, std::string_view device, std::string_view order) {
    auto found = TRY(get_document<ErasureOrder>(stub, order_key(device, order), "an erasure"));
    if (!found) return fail(Code::not_found, "the device \"{}\" has no erasure {}", device, order.substr(0, 64));
    return std::move(*found);
}

}  // namespace

bool is_confidential(const StoredRecord& record) { return record.collection || record.series == kEncrypted; }

Status check_open(const StoredRecord& record) {
    if (record.collection) {
        return fail(refusals::confidential_series,
                    "the readings of record {} of \"{}\" are kept by the collection \"{}\" and must not be in a block",
                    record.sequence, record.device, *record.collection);
    }
    if (record.series == kEncrypted) {
        return fail(refusals::confidential_series,
                    "the readings of record {} of \"{}\" are encrypted and must not be in a block in the clear",
                    record.sequence, record.device);
    }
    return {};
}

Result<std::optional<ErasureOrder>> erasure_of(Stub& stub, const StoredRecord& record) {
    auto [start, end] = children_of({"erasure", record.device});
    while (true) {
        const auto page = TRY(stub.range(start, end, {.limit = kUsualPage}));
        for (const auto& entry : page.entries) {
            auto order = TRY(read_document<ErasureOrder>(entry.value, "an erasure"));
            if (order.from <= record.from && record.to <= order.to && record.received_ms <= order.ordered_ms)
                return order;
        }
        if (!page.more) return std::nullopt;
        start = page.entries.back().key + '\0';
    }
}

Status list_for_keepers(Stub& stub, const StoredRecord& record) {
    const auto key =
        composite_key({"kept", *record.collection, padded(record.received_ms), record.device, padded(record.sequence)});
    return put_document(stub, key, KeptRecord{record.device, record.content_id, record.sequence, record.received_ms});
}

Result<Keeping> keeping(Stub& stub, const KeepingOf& in) {
    const auto entry = TRY(get_document<ContentEntry>(stub, content_key(in.content_id, in.device), "a content entry"));
    if (!entry)
        return fail(Code::not_found, "the device \"{}\" has published no record {}", in.device,
                    in.content_id.substr(0, 64));
    Keeping out;
    out.record = TRY(read_record(stub, in.device, entry->sequence));
    if (!out.record.collection) {
        return fail(Code::not_found, "record {} of \"{}\" is in no collection", out.record.sequence, in.device);
    }
    out.collection = TRY(collection_of(stub, *out.record.collection));
    if (const auto order = TRY(erasure_of(stub, out.record))) out.erased_by = order->order;
    if (out.collection.keep_days) out.keep_until = out.record.to + *out.collection.keep_days * kDay_s;
    return out;
}

Result<KeptPage> kept_records(Stub& stub, const KeptRecords& in) {
    KeptPage page;
    Pager pager({"kept", in.collection});
    if (in.from_ms) pager.from(padded(*in.from_ms));
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.records.push_back(TRY(read_document<KeptRecord>(entry.value, "a kept record")));
        return true;
    }));
    return page;
}

Result<ErasureOrder> erase(Stub& stub, const Erase& in) {
    const auto device = TRY(registry::api::get_device(stub, {in.device}));
    const auto& caller = stub.caller();
    if (caller.organization != device.organization) {
        return fail(Code::permission_denied, "the device \"{}\" is {}'s; the caller is of {}", in.device,
                    device.organization, caller.organization);
    }
    if (TRY(registry::api::collections_of(stub, {in.device})).collections.empty()) {
        return fail(
            refusals::not_confidential,
            "the device \"{}\" was never in a collection: its readings are in blocks, and nobody can erase them",
            in.device);
    }
    ErasureOrder order{in.device,
                       stub.transaction_id().hex(),
                       in.from.value_or(0),
                       in.to.value_or(kLastSecond),
                       in.reason,
                       stub.time_ms(),
                       fmt::format("{}/{}", caller.organization, caller.name)};
    if (order.from >= order.to)
        return fail(Code::invalid_argument, "\"from\" {} and \"to\" {} are no range", order.from, order.to);
    TRY(put_document(stub, order_key(order.device, order.order), order));
    TRY(stub.put(composite_key({"erasures", padded(order.ordered_ms), order.device, order.order}), order.device));
    emit(stub, "series_erased", order);
    return order;
}

Result<ErasureReport> report_erased(Stub& stub, const ReportErased& in) {
    TRY(check_digest(in.digest));
    const auto order = TRY(find_order(stub, in.device, in.order));
    const auto collection = TRY(collection_of(stub, in.collection));
    TRY(check_keeper(stub, collection));
    const auto& organization = stub.caller().organization;
    const auto key = composite_key({"erased", order.device, order.order, organization, in.node, in.collection});
    if (TRY(stub.get(key))) {
        return fail(Code::already_exists, "{} of {} has reported the erasure {} for the collection \"{}\" already",
                    in.node, organization, order.order, in.collection);
    }
    const auto [first, end] = children_of({"erased", order.device, order.order, organization});
    if (TRY(stub.range(first, end, {.limit = kMostReports})).entries.size() == kMostReports)
        return fail(Code::too_large, "{} has made {} reports of this erasure", organization, kMostReports);
    const ErasureReport report{
        organization, in.node, in.collection, in.series, in.digest, stub.time_ms(), stub.transaction_id().hex()};
    TRY(put_document(stub, key, report));
    emit(stub, "erasure_reported", report);
    return report;
}

Result<ExpiryReport> report_expired(Stub& stub, const ReportExpired& in) {
    TRY(check_digest(in.digest));
    const auto collection = TRY(collection_of(stub, in.collection));
    TRY(check_keeper(stub, collection));
    if (!collection.keep_days) {
        return fail(Code::invalid_argument, "the collection \"{}\" keeps its rows until they are erased",
                    in.collection);
    }
    const auto& organization = stub.caller().organization;
    const auto key = composite_key({"expired", in.collection, organization, in.node});
    const auto last = TRY(get_document<ExpiryReport>(stub, key, "an expiry's report"));
    if (last && last->before >= in.before) {
        return fail(Code::already_exists, "{} of {} has reported all before {} s already", in.node, organization,
                    last->before);
    }
    const ExpiryReport report{in.collection, organization, in.node,        in.before,
                              in.series,     in.digest,    stub.time_ms(), stub.transaction_id().hex()};
    TRY(put_document(stub, key, report));
    emit(stub, "expiry_reported", report);
    return report;
}

Result<ErasurePage> erasures(Stub& stub, const Erasures& in) {
    ErasurePage page;
    if (in.device) {
        page.next = TRY(Pager({"erasure", *in.device}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
            auto order = TRY(read_document<ErasureOrder>(entry.value, "an erasure"));
            if (order.ordered_ms < in.from_ms.value_or(0)) return false;
            page.erasures.push_back(TRY(view_of(stub, std::move(order))));
            return true;
        }));
        return page;
    }
    Pager all({"erasures"});
    if (in.from_ms) all.from(padded(*in.from_ms));
    page.next = TRY(all.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.erasures.push_back(TRY(view_of(stub, TRY(find_order(stub, entry.value, last_part(entry.key))))));
        return true;
    }));
    return page;
}

Result<ExpiryPage> expiries(Stub& stub, const Expiries& in) {
    ExpiryPage page;
    page.next = TRY(Pager({"expired", in.collection}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.reports.push_back(TRY(read_document<ExpiryReport>(entry.value, "an expiry's report")));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::data
