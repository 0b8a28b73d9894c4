#include "chaincode/contracts/agreement/claims.h"

#include <algorithm>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::agreement {
namespace {

constexpr std::string_view kAll = "*";  // no device can have this id

std::string claim_key(const std::string& op, const std::string& shard, std::string_view device,
                      const std::string& field, const std::string& id) {
    return composite_key({"claim", op, shard, device, field, id});
}

bool overlap(const Claim& a, const Claim& b) {
    return (!a.until || b.from < *a.until) && (!b.until || a.from < *b.until);
}

// Devices of a scope, or all of its shard.
std::vector<std::string> devices_of(const Scope& scope) {
    if (scope.devices.empty()) return {std::string(kAll)};
    return scope.devices;
}

// Visits every claim below the prefix.
template <class Visit>  // Status(std::string_view id, const Claim&)
Status each_claim(Stub& stub, std::initializer_list<std::string_view> prefix, Visit&& visit) {
    auto [start, end] = children_of(prefix);
    for (bool more = true; more;) {
        const auto page = TRY(stub.range(start, end, {.limit = 1000}));
        for (const auto& entry : page.entries) {
            TRY(visit(entry, TRY(read_document<Claim>(entry.value, "a claim"))));
            start = entry.key + '\0';
        }
        more = page.more;
    }
    return {};
}

// The field of a claim's key, which ends in field and agreement.
std::string_view field_of(std::string_view key) {
    key.remove_suffix(last_part(key).size() + 1);
    return last_part(key);
}

Status check_free(Stub& stub, const std::string& id, const Terms& terms, const Scope& scope, const Claim& wanted) {
    const auto op = operator_of(terms);
    const auto check = [&](const KeyValue& entry, const Claim& other) -> Status {
        if (last_part(entry.key) == id || !overlap(wanted, other)) return {};
        const auto field = field_of(entry.key);
        if (std::ranges::find(terms.fields, field, &BilledField::field) == terms.fields.end()) return {};
        auto device = std::string_view(entry.key).substr(0, entry.key.size() - last_part(entry.key).size() - 1);
        device.remove_suffix(field.size() + 1);
        return fail(refusals::device_taken, "the field {} of {} in the shard {} is billed by another agreement from {}",
                    field, last_part(device) == kAll ? std::string("every device") : std::string(last_part(device)),
                    scope.shard, std::max(wanted.from, other.from).text());
    };
    if (scope.devices.empty()) return each_claim(stub, {"claim", op, scope.shard}, check);
    TRY(each_claim(stub, {"claim", op, scope.shard, kAll}, check));
    for (const auto& device : scope.devices) TRY(each_claim(stub, {"claim", op, scope.shard, device}, check));
    return {};
}

}  // namespace

Status check_unclaimed(Stub& stub, const std::string& id, const Terms& terms, std::optional<Date> until) {
    for (const auto& scope : terms.scope) TRY(check_free(stub, id, terms, scope, {terms.from, until}));
    return {};
}

Status claim(Stub& stub, const std::string& id, const Terms& terms, std::optional<Date> until) {
    const Claim wanted{terms.from, until};
    const auto op = operator_of(terms);
    for (const auto& scope : terms.scope) {
        for (const auto& device : devices_of(scope)) {
            for (const auto& field : terms.fields) {
                const auto key = claim_key(op, scope.shard, device, field.field, id);
                auto mine = TRY(get_document<Claim>(stub, key, "a claim")).value_or(wanted);
                mine.from = std::min(mine.from, wanted.from);
                mine.until = wanted.until;
                TRY(put_document(stub, key, mine));
            }
        }
    }
    return {};
}

Status end_claims(Stub& stub, const std::string& id, const Terms& terms, Date until) {
    const auto op = operator_of(terms);
    for (const auto& scope : terms.scope) {
        for (const auto& device : devices_of(scope)) {
            for (const auto& field : terms.fields) {
                const auto key = claim_key(op, scope.shard, device, field.field, id);
                auto mine = TRY(get_document<Claim>(stub, key, "a claim"));
                if (!mine || (mine->until && *mine->until <= until)) continue;
                mine->until = until;
                TRY(mine->from < until ? put_document(stub, key, *mine) : stub.remove(key));
            }
        }
    }
    return {};
}

}  // namespace tally::chaincode::agreement
