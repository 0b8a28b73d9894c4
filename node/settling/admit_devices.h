#pragma once
// What becomes of devices that ask to be registered (gateway/mqtt/registrar.h): a request is removed when its device is
// on the ledger or when it expires, and with a policy the device is registered without being asked for.
// One thread.

#include <stop_token>

#include "gateway/mqtt/registrar.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

// Until `stop`. `like`: the registered device whose shard, schemas and intervals an admitted one gets; empty: only
// people admit (tally device admit).
void run_admissions(ContractCalls& calls, gateway::mqtt::Registrar& registrar, const std::string& like,
                    std::stop_token stop);

// The arguments of registry.register_device for a device that asks, like another one.
[[nodiscard]] Result<boost::json::object> admission_of(const gateway::PendingRegistration& request,
                                                       const boost::json::value& like);

}  // namespace tally::node
