#pragma once
// Whether the registry lets a device publish a record: profile, status, clock, key, schema. Each check stands alone;
// publish.cpp has their order. Failures: device_suspended, device_retired, clock_ahead, too_late, schema_mismatch,
// bad_signature, wrong_channel, permission_denied.

#include "chaincode/contracts/registry/terms.h"
#include "chaincode/records/ocmf_record.h"
#include "chaincode/records/vitro_block.h"

namespace tally::chaincode::data {

using registry::PublishingTerms;

struct Period {
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
};

[[nodiscard]] Result<PublishingTerms> terms_of(Stub& stub, std::string_view device);  // unknown_device, certificate_...

// Who may publish for a device whose signature binds a block to no channel and no organization: its organization.
[[nodiscard]] Status check_publisher(const Stub& stub, const PublishingTerms& terms);

[[nodiscard]] Status check_profile(const PublishingTerms& terms, std::string_view profile);
[[nodiscard]] Status check_status(const PublishingTerms& terms, const Period& period);
[[nodiscard]] Status check_clock(const Stub& stub, const PublishingTerms& terms, const Period& period);
[[nodiscard]] Status check_arrival(const Stub& stub, const PublishingTerms& terms, const Period& period);
// The schema that the fields follow, id@version; empty without fields.
[[nodiscard]] Result<std::string> check_schema(const PublishingTerms& terms, const DeviceRecord& record);

// Verified under the device's key, or for a period that ended in an earlier epoch under a key of then. Gives the epoch.
[[nodiscard]] Result<std::int64_t> check_signature(Stub& stub, const PublishingTerms& terms,
                                                   const SignedRecord& record);
[[nodiscard]] Result<std::int64_t> check_signature(const PublishingTerms& terms, const VitroBlock& block);
// unsupported too: the signature is on another curve.
[[nodiscard]] Result<std::int64_t> check_signature(const PublishingTerms& terms, const OcmfRecord& record,
                                                   std::int64_t end_ms);

}  // namespace tally::chaincode::data
