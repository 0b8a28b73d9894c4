#include "chaincode/contracts/registry/permission.h"

#include <algorithm>

namespace tally::chaincode::registry {

Status check_organization(std::string_view organization) {
    if (!organization.empty() && organization.find('\0') == std::string_view::npos) return {};
    return fail(Code::invalid_argument, "\"organization\" is no organization's name");
}

Status may_register(const Stub& stub) {
    if (check_organization(stub.caller().organization)) return {};
    return fail(Code::permission_denied, "the caller belongs to no organization");
}

Status may_operate(const Stub& stub, const Device& device) {
    if (stub.caller().organization == device.organization) return {};
    return fail(Code::permission_denied, "the device \"{}\" is operated by {}, not by {}", device.id,
                device.organization, stub.caller().organization);
}

Status check_statement(std::string_view text, std::string_view what) {
    const bool blank =
        std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    if (blank || text.size() > kMaxReason) {
        return fail(Code::invalid_argument, "{} must be said in 1 to {} characters", what, kMaxReason);
    }
    return {};
}

}  // namespace tally::chaincode::registry
