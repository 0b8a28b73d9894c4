#pragma once
// Parts of verifying an evidence file (evidence_file.h): the day of a device, against what the device has signed.

#include "node/channel/device_evidence.h"
#include "node/channel/evidence_parts.h"
#include "node/channel/ocmf_evidence.h"

namespace tally::node {

// What the device has signed of a day: its DAILY record, or of a meter that signs OCMF all of its records.
struct SignedDay {
    const DeviceEvidence::Record* record = nullptr;  // null: the day has none
    const OcmfEvidence* ocmf = nullptr;              // null: of another device
};

// That the day's OCMF records are in the file, no more and no fewer than the audit has found.
[[nodiscard]] Status check_readings(const std::string& name, const chaincode::data::ExaminedDay& day,
                                    const OcmfEvidence& ocmf, const ProvenFigures& proven, Checks& checks);

// That the FINAL day has the figures that follow from what the device has signed.
[[nodiscard]] Status check_final_day(const std::string& name, const chaincode::data::ExaminedDay& day,
                                     const SignedDay& by_device, const ProvenFigures& proven, Checks& checks);

}  // namespace tally::node
