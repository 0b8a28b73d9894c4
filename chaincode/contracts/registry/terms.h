#pragma once
// What the data contract must know of a device to take its record: one call, one answer, every read recorded.

#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::registry {

struct SchemaTerms {
    std::string name;  // id@version
    std::vector<Field> fields;
};
BOOST_DESCRIBE_STRUCT(SchemaTerms, (), (name, fields))

struct PublishingTerms {
    std::string device;
    std::string organization;
    std::string shard;
    std::string profile;
    std::int64_t epoch = 0;
    std::string key;  // base64 of the SubjectPublicKeyInfo
    std::vector<PreviousKey> previous_keys;
    std::vector<SchemaTerms> schemas;
    std::vector<Suspension> suspensions;
    std::optional<std::int64_t> retired_ms;
    std::int64_t max_skew_s = 0;
    std::optional<std::int64_t> late_arrival_s;
    std::optional<std::string> collection;
};
BOOST_DESCRIBE_STRUCT(PublishingTerms, (),
                      (device, organization, shard, profile, epoch, key, previous_keys, schemas, suspensions,
                       retired_ms, max_skew_s, late_arrival_s, collection))

// Fails with unknown_device, or with what is wrong with the device's certificates at the transaction's time.
[[nodiscard]] Result<PublishingTerms> publishing_terms(Stub& stub, const OneDevice& arguments);

}  // namespace tally::chaincode::registry
