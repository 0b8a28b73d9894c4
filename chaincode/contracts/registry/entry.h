#pragma once
// To which device a key belongs, and how a device is put onto the ledger.
//
// A device that speaks COSE proves that it has its key, for the organization that registers it (records/possession.h):
// nobody else can register it, so its key is unique on the channel. One that signs Vitro IoT Blocks or OCMF readings
// alone can prove nothing (consent.h): its key is unique in its organization, and a false claim blocks nobody else's.
// In one organization no key serves two devices, now or before.

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

// `proof` is base64. invalid_argument when there is none; else what verify_possession says.
[[nodiscard]] Status check_possession(const Stub& stub, const crypto::PublicKey& key, std::string_view device,
                                      const std::optional<std::string>& proof);
// already_exists when the key is, or was, a device's.
[[nodiscard]] Status claim_key(Stub& stub, const Device& device, const crypto::PublicKey& key);

[[nodiscard]] DeviceSummary summary_of(const Device& device);
// Claims the device's key and writes the device; event device_registered with the summary, which it gives back.
[[nodiscard]] Result<DeviceSummary> enter_device(Stub& stub, Device& device, DeviceSummary summary);

}  // namespace tally::chaincode::registry
