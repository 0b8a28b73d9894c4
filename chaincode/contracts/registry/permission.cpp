#include "chaincode/contracts/registry/permission.h"

namespace tally::chaincode::registry {

Status may_register(const Stub& stub) {
    if (check_organization(stub.caller().organization, "the caller's")) return {};
    return fail(Code::permission_denied, "the caller belongs to no organization");
}

Status may_operate(const Stub& stub, const Device& device) {
    if (stub.caller().organization == device.organization) return {};
    return fail(Code::permission_denied, "the device \"{}\" is operated by {}, not by {}", device.id,
                device.organization, stub.caller().organization);
}

}  // namespace tally::chaincode::registry
