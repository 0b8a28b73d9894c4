#include "chaincode/contracts/registry/terms.h"

#include "chaincode/contracts/registry/trust.h"

namespace tally::chaincode::registry {

Result<PublishingTerms> publishing_terms(Stub& stub, const OneDevice& arguments) {
    const auto device = TRY(find_device(stub, arguments.id));
    if (!device.certificate_chain.empty()) {
        TRY(check_chain(stub, device.organization, TRY(parse_chain(device.certificate_chain))));
    }
    PublishingTerms terms{device.id,          device.organization, device.shard,         device.profile,
                          device.epoch,       device.key,          device.previous_keys, {},
                          device.suspensions, device.retired_ms,   device.max_skew_s,    device.late_arrival_s,
                          device.collection};
    for (const auto& name : device.schemas) {
        const auto schema = TRY(find_schema(stub, TRY(parse_schema_name(name))));
        auto& fields = terms.schemas.emplace_back(SchemaTerms{name, {}}).fields;
        for (const auto& field : schema.fields) fields.push_back({field.name, field.unit, field.scale});
    }
    return terms;
}

}  // namespace tally::chaincode::registry
