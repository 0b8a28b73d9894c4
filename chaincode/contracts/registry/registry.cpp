#include "chaincode/contracts/registry/registry.h"

#include "chaincode/contracts/registry/consent.h"
#include "chaincode/contracts/registry/devices.h"
#include "chaincode/contracts/registry/queries.h"
#include "chaincode/contracts/registry/status.h"
#include "chaincode/contracts/registry/terms.h"
#include "chaincode/contracts/registry/trust.h"

namespace tally::chaincode::registry {
namespace {

void add_changes(Contract& contract) {
    const std::vector<std::string> staff = {"admin", "client"};
    const std::vector<std::string> admins = {"admin"};
    const std::vector<std::string> gateways = {"admin", "client", "peer"};
    const auto writes = [](std::string name, std::string summary, std::vector<std::string> roles) {
        return FunctionInfo{std::move(name), std::move(summary), true, std::move(roles)};
    };
    contract.add(writes("register_schema", "Puts a version of a schema on the ledger, for good", staff),
                 &register_schema);
    contract.add(writes("register_device", "Registers a device with its key or certificates", staff), &register_device);
    contract.add(writes("confirm_device", "Consents to another organization's device that cannot prove its key", staff),
                 &confirm_device);
    contract.add(writes("import_devices", "Registers many devices, all or none", staff), &import_devices);
    contract.add(writes("set_status", "Suspends, reinstates or retires a device", staff), &set_status);
    contract.add(writes("report_incident", "Counts incidents of a device; may suspend it by rule", gateways),
                 &report_incident);
    contract.add(writes("set_rules", "Sets the caller's organization's rules of automatic suspension", admins),
                 &set_rules);
    contract.add(writes("rotate_key", "Gives a device a new key that the old one has signed (attachment 0)", staff),
                 &rotate_key);
    contract.add(writes("recertify", "Gives a device a new certificate chain, and its key", staff), &recertify);
    contract.add(writes("add_trust_anchor", "Adds a root that the organization's devices are certified under", admins),
                 &add_trust_anchor);
    contract.add(
        writes("revoke_certificate", "Revokes a certificate of the organization's devices or authorities", admins),
        &revoke_certificate);
    contract.add(writes("publish_crl", "Puts an authority's revocation list on the ledger", staff), &publish_crl);
}

void add_queries(Contract& contract) {
    const auto query = [](std::string name, std::string summary) {
        return FunctionInfo{std::move(name), std::move(summary), false, {}};
    };
    contract.add(query("get_device", "One device"), &get_device);
    contract.add(query("list_devices", "Devices, by shard, status or organization"), &list_devices);
    contract.add(query("pending_devices", "Devices that wait for another organization's consent"), &pending_devices);
    contract.add(query("timeline", "Everything that ever happened to one device"), &timeline);
    contract.add(query("get_schema", "One version of a schema"), &get_schema);
    contract.add(query("list_schemas", "Schemas and their versions"), &list_schemas);
    contract.add(query("get_rules", "An organization's rules of automatic suspension"), &get_rules);
    contract.add(query("list_trust", "An organization's trust anchors, revocation lists and revocations"), &list_trust);
    contract.add(query("publishing_terms", "What a device's records are checked against"), &publishing_terms);
}

}  // namespace

Contract contract() {
    Contract contract("registry", 1, "Devices, their keys, certificates, schemas and status");
    add_changes(contract);
    add_queries(contract);
    return contract;
}

}  // namespace tally::chaincode::registry
