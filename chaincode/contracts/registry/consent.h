#pragma once
// Devices that can sign nothing but Vitro IoT Blocks or OCMF readings. These name neither a channel nor an
// organization, and past ones are no proof: everyone who has seen one could claim the meter. So a second organization
// must consent.
//
// The registration waits under (organization, id), where it blocks nobody else's, until a client or admin of another
// organization confirms it. It is not needed
//   in a channel of one organization, where nobody is harmed;
//   where the device's certificate says for whom it is (O of its subject is the registering organization) and leads to
//   an anchor of another organization too, which so trusts the same manufacturer.

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<bool> needs_consent(Stub& stub, const Device& device);
// The registration waits; an earlier one of the same device by the same organization is replaced. Gives the summary and
// event device_pending, both with the key's fingerprint.
[[nodiscard]] Result<DeviceSummary> request_consent(Stub& stub, Device& device);

// Failures: permission_denied (one's own device), not_found, conflict (another key), already_exists.
[[nodiscard]] Result<DeviceSummary> confirm_device(Stub& stub, const ConfirmDevice& arguments);
// The registrations of one organization that wait.
[[nodiscard]] Result<PendingPage> pending_devices(Stub& stub, const PendingDevices& arguments);

}  // namespace tally::chaincode::registry
