#pragma once
// Decides which days of a file are to be signed. Exports of a meter overlap. A day that was signed before is not signed
// again: the ledger would refuse it, and its sequence number would be lost. Pure but for reading the device's folder.
// Failures: those of build_record, too_large (see DeviceKey::check_size), corrupt, io_error.

#include "gateway/device_sdk/device_key.h"

namespace tally::gateway::device_sdk {

enum class DayState {
    fresh,       // to be signed
    known,       // signed already with the same readings: on the ledger, or in the outbox
    different,   // signed already, with other readings or for a period that overlaps: it stays as it is
    refused,     // signed already, and the ledger has refused it
    unfinished,  // its end is in the future: the ledger takes no day that is not over
};

struct PlannedDay {
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    DayState state = DayState::fresh;
    std::int64_t sequence = 0;  // of the record that is there already
    UnsignedRecord record;      // of a fresh day
};

// One entry per day. A polling interval that is not known, 0, counts as one reading a day. `ledger`: the device's days
// that are on the ledger, which may be more than the folder knows. Readings are compared at the scales that they were
// signed with. Builds every record before any is signed.
[[nodiscard]] Result<std::vector<PlannedDay>> plan_days(const DeviceKey& device, const Measurements& measurements,
                                                        const std::vector<DayRows>& days,
                                                        std::int64_t polling_interval_s, std::int64_t now_s,
                                                        std::span<const SignedDay> ledger = {});

}  // namespace tally::gateway::device_sdk
