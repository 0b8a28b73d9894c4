#include "node/settling/agreed_devices.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/arguments.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace registry = chaincode::registry;

Result<std::vector<agreement::Version>> agreed_versions(ContractCalls& calls, const std::string& id) {
    const auto known = TRY(ask<agreement::Agreement>(calls, "agreement", "get", agreement::OneAgreement{id}));
    std::vector<agreement::Version> out;
    for (const auto number : known.in_force)
        out.push_back(
            TRY(ask<agreement::Version>(calls, "agreement", "get_version", agreement::OneVersion{id, number})));
    return out;
}

Result<std::vector<registry::DeviceView>> agreed_devices(ContractCalls& calls,
                                                         const std::vector<agreement::Version>& versions) {
    std::map<std::string, registry::DeviceView> found;
    for (const auto& version : versions) {
        for (const auto& scope : version.terms.scope) {
            registry::ListDevices wanted;
            wanted.organization = agreement::operator_of(version.terms);
            wanted.shard = scope.shard;
            wanted.limit = chaincode::kLargestPage;
            TRY((ask_all<registry::DevicePage>(calls, "registry", "list_devices", wanted, [&](auto& page) {
                for (auto& device : page.devices) {
                    const auto& names = scope.devices;
                    if (names.empty() || std::ranges::find(names, device.id) != names.end())
                        found.emplace(device.id, std::move(device));
                }
            })));
        }
    }
    std::vector<registry::DeviceView> out;
    for (auto& [id, device] : found) out.push_back(std::move(device));
    return out;
}

}  // namespace tally::node
