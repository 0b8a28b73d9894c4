#include "chaincode/contracts/data/totals.h"

#include "chaincode/contracts/registry/permission.h"
#include "chaincode/records/identifier.h"
#include "storage/apply.h"

namespace tally::chaincode::data {
namespace {

// The counters, by their names in a key.
constexpr std::pair<std::string_view, std::int64_t TotalsView::*> kCounters[] = {
    {"daily", &TotalsView::daily},         {"interval", &TotalsView::interval},
    {"keepalive", &TotalsView::keepalive}, {"corrections", &TotalsView::corrections},
    {"rows", &TotalsView::rows},           {"bytes", &TotalsView::bytes},
};

std::string_view counter_of(const StoredRecord& record) {
    if (record.corrects) return "corrections";
    switch (record.kind) {
        case RecordKind::DAILY: return "daily";
        case RecordKind::INTERVAL: return "interval";
        case RecordKind::KEEPALIVE: break;
    }
    return "keepalive";
}

std::string counter_key(const Subject& subject, std::string_view counter) {
    return subject.is_device ? composite_key({"total", "device", subject.name, counter})
                             : composite_key({"total", "shard", subject.organization, subject.name, counter});
}

}  // namespace

Result<Subject> subject_of(const Stub& stub, const std::optional<std::string>& device,
                           const std::optional<std::string>& shard, const std::optional<std::string>& organization) {
    if (device.has_value() == shard.has_value())
        return fail(Code::invalid_argument, "either \"device\" or \"shard\" must be there");
    if (device && organization)
        return fail(Code::invalid_argument, "\"organization\" goes with \"shard\"; a device has one");
    if (device) return Subject{true, *device, {}};
    return Subject{false, *shard, organization.value_or(stub.caller().organization)};
}

Status count(Stub& stub, const StoredRecord& record) {
    for (const auto& subject : {Subject{true, record.device, {}}, Subject{false, record.shard, record.organization}}) {
        TRY(stub.increment(counter_key(subject, counter_of(record)), 1, 0));
        if (!record.corrects) TRY(stub.increment(counter_key(subject, "rows"), record.rows, 0));
        TRY(stub.increment(counter_key(subject, "bytes"), record.bytes, 0));
    }
    return {};
}

Result<TotalsView> totals(Stub& stub, const Totals& arguments) {
    const auto subject = TRY(subject_of(stub, arguments.device, arguments.shard, arguments.organization));
    TotalsView out;
    if (subject.is_device) {
        out.device = subject.name;
    } else {
        out.shard = subject.name;
        out.organization = subject.organization;
    }
    for (const auto& [name, member] : kCounters) {
        const auto value = TRY(stub.get(counter_key(subject, name)));
        out.*member = value ? TRY(storage::counter_value(as_bytes(*value))) : 0;
    }
    return out;
}

}  // namespace tally::chaincode::data
