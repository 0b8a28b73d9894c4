#pragma once
// From measurements to an unsigned record: series, root and summary. Pure; from any thread.
// Failures: invalid_argument (no interval, no fields, a sum beyond 64 bits), malformed (see check_record).

#include "gateway/device_sdk/measurements.h"

namespace tally::gateway::device_sdk {

inline constexpr std::int64_t kRowsPerLeaf = 64;  // a proof of a reading shows an hour of a day of minutes

// How the rows travel: packed beside the record, in the record's payload, or not at all.
enum class SeriesForm { packed, in_payload, withheld };

struct RecordPlan {
    chaincode::RecordKind kind = chaincode::RecordKind::DAILY;
    std::int64_t start_s = 0;  // the period [start, end); rows outside it are left out
    std::int64_t end_s = 0;
    std::int64_t polling_interval_s = 60;
    SeriesForm series = SeriesForm::packed;
    std::optional<chaincode::Traffic> traffic = std::nullopt;
};

// A record that borrows the series beside it; moves, and is not copied. DeviceKey::sign sets device, sequence
// and previous record, which are "unsigned", 1 and none until then.
struct UnsignedRecord {
    chaincode::DeviceRecord record;
    Bytes series;     // record.series is a view of it when the series is in the payload
    Bytes packed;     // unless the series travels in the payload or is withheld
    Bytes encrypted;  // record.encrypted_series is a view of it when the series is encrypted
    Bytes opening;    // of the commitment in the place of its figures

    UnsignedRecord() = default;
    UnsignedRecord(UnsignedRecord&&) = default;
    UnsignedRecord& operator=(UnsignedRecord&&) = default;
};

[[nodiscard]] Result<UnsignedRecord> build_record(const Measurements& measurements, const RecordPlan& plan);

}  // namespace tally::gateway::device_sdk
