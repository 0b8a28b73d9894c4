#include "chaincode/contracts/data/admission.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/ocmf_check.h"
#include "chaincode/records/refusals.h"

#include <algorithm>
#include <functional>

namespace tally::chaincode::data {
namespace {

constexpr unsigned kMaxEarlierKeys = 8;  // tried, newest first

using Verify = std::function<Status(const crypto::PublicKey&)>;

Result<std::int64_t> verified_epoch(const PublishingTerms& terms, std::int64_t period_end_ms, const Verify& verify) {
    const auto verified_with = [&](const std::string& key) -> Status {
        return verify(TRY(crypto::PublicKey::from_spki(TRY(from_base64(key)))));
    };
    auto current = verified_with(terms.key);
    if (current) return terms.epoch;
    unsigned tried = 0;
    for (auto earlier = terms.previous_keys.rbegin(); earlier != terms.previous_keys.rend() && tried < kMaxEarlierKeys;
         ++earlier) {
        if (earlier->compromised || earlier->until_ms < period_end_ms) continue;
        ++tried;
        if (verified_with(earlier->key)) return earlier->epoch;
    }
    return std::unexpected(std::move(current.error()));
}

}  // namespace

Result<PublishingTerms> terms_of(Stub& stub, std::string_view device) {
    return from_json<PublishingTerms>(TRY(stub.call("registry", "publishing_terms", json::object{{"id", device}})));
}

Status check_publisher(const Stub& stub, const PublishingTerms& terms) {
    if (stub.caller().organization == terms.organization) return {};
    return fail(Code::permission_denied, "only {} publishes IoT blocks of its device \"{}\"; the caller is of {}",
                terms.organization, terms.device, stub.caller().organization);
}

Status check_profile(const PublishingTerms& terms, std::string_view profile) {
    if (terms.profile == profile) return {};
    return fail(chaincode::refusals::schema_mismatch, "the device \"{}\" is registered for {}, not for {}",
                terms.device, terms.profile, profile);
}

Status check_status(const PublishingTerms& terms, const Period& period) {
    const auto from_ms = period.from_s * 1000, to_ms = period.to_s * 1000;
    if (terms.retired_ms && to_ms > *terms.retired_ms) {
        return fail(registry::refusals::device_retired,
                    "the device \"{}\" was retired at {} ms, before the record's period ended", terms.device,
                    *terms.retired_ms);
    }
    for (const auto& suspension : terms.suspensions) {
        if (to_ms > suspension.from_ms && (!suspension.to_ms || from_ms < *suspension.to_ms)) {
            return fail(registry::refusals::device_suspended,
                        "the device \"{}\" was suspended at {} ms, in or before the record's period: {}", terms.device,
                        suspension.from_ms, suspension.reason);
        }
    }
    return {};
}

Status check_clock(const Stub& stub, const PublishingTerms& terms, const Period& period) {
    const auto ahead_ms = period.to_s * 1000 - stub.time_ms();
    if (ahead_ms > terms.max_skew_s * 1000) {
        return fail(refusals::clock_ahead, "the record's period ends {} ms in the future; {} s are tolerated", ahead_ms,
                    terms.max_skew_s);
    }
    return {};
}

Status check_arrival(const Stub& stub, const PublishingTerms& terms, const Period& period) {
    const auto late_ms = stub.time_ms() - period.to_s * 1000;
    if (!terms.late_arrival_s || late_ms <= *terms.late_arrival_s * 1000) return {};
    return fail(refusals::too_late, "the record's period ended {} ms ago; \"{}\" may be late by {} s", late_ms,
                terms.device, *terms.late_arrival_s);
}

Result<std::string> check_schema(const PublishingTerms& terms, const DeviceRecord& record) {
    if (record.fields.empty()) return std::string();
    const auto found = std::find_if(terms.schemas.begin(), terms.schemas.end(),
                                    [&](const auto& schema) { return schema.fields == record.fields; });
    if (found != terms.schemas.end()) return found->name;
    std::vector<std::string> names, allowed;
    for (const auto& field : record.fields)
        names.push_back(fmt::format("{} {} e{}", field.name, field.unit, field.scale));
    for (const auto& schema : terms.schemas) allowed.push_back(schema.name);
    return fail(chaincode::refusals::schema_mismatch, "the record's fields [{}] are those of none of {}",
                fmt::join(names, ", "), fmt::join(allowed, ", "));
}

Result<std::int64_t> check_signature(Stub& stub, const PublishingTerms& terms, const SignedRecord& record) {
    auto epoch = verified_epoch(terms, record.record.end_s * 1000,
                                [&](const auto& key) { return stub.verify_attachment(key, 0, kRecordContentType); });
    if (epoch) return epoch;
    if (!record.channel_hint.empty() && record.channel_hint != stub.channel()) {
        return fail(Code::wrong_channel, "the record was signed for the channel \"{}\"; this is \"{}\"",
                    record.channel_hint.substr(0, 64), stub.channel());
    }
    return fail(
        Code::bad_signature,
        "the signature does not verify under the key of \"{}\" for the channel \"{}\"; it may have been made for "
        "another channel, or with another key: {}",
        terms.device, stub.channel(), epoch.error().message);
}

Result<std::int64_t> check_signature(const PublishingTerms& terms, const VitroBlock& block) {
    auto epoch = verified_epoch(terms, (std::int64_t{block.timestamp_s} + 1) * 1000,
                                [&](const auto& key) { return key.verify_digest(block.digest, block.signature); });
    if (epoch) return epoch;
    return fail(Code::bad_signature, "the IoT block's signature does not verify under the key of \"{}\": {}",
                terms.device, epoch.error().message);
}

Result<std::int64_t> check_signature(const PublishingTerms& terms, const OcmfRecord& record, std::int64_t end_ms) {
    auto epoch = verified_epoch(terms, end_ms, [&](const auto& key) { return verify_ocmf(record, key); });
    if (epoch || epoch.error().code == Code::unsupported) return epoch;
    return fail(Code::bad_signature, "the OCMF record's signature does not verify under the key of \"{}\": {}",
                terms.device, epoch.error().message);
}

}  // namespace tally::chaincode::data
