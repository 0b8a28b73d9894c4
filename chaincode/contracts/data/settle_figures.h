#pragma once
// What a day's figures are under an agreement's terms. Pure but for reading the ledger.

#include "chaincode/contracts/data/ocmf.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// The record that counts for a day: the DAILY record of [from, to), or the last one that corrects it.
[[nodiscard]] Result<std::optional<StoredRecord>> record_of_day(Stub& stub, const std::string& device,
                                                                std::int64_t from, std::int64_t to);

// `before`: the day before as it was settled, for registers that go on from it. `rows`: the record's CBOR rows, unless
// the terms have no windows.
struct DayFacts {
    const StoredRecord* record = nullptr;
    const CloudDay* cloud = nullptr;
    const SettledDay* before = nullptr;
    std::optional<ByteView> rows;
    const OcmfDay* ocmf = nullptr;  // of a meter that signs OCMF readings
};
[[nodiscard]] Result<std::vector<SettledField>> settle_fields(const agreement::Terms& terms, const DayFacts& facts);

// The content ids of every OCMF record that a day's quantities come from, each once; none for other devices.
[[nodiscard]] std::optional<std::vector<std::string>> cited_readings(const SettledDay& day);

// The counters of a day that are billed, and how the device's own and its gateway's agree: they must be the same, or
// the terms decide as for a field (MISMATCH). None: the device has not counted, and nothing is billed.
struct SettledTraffic {
    std::optional<Traffic> billed;
    std::optional<Match> match;
};
[[nodiscard]] SettledTraffic settle_traffic(const agreement::Terms& terms, const DayFacts& facts);

// What a series is checked against: a record with the figures, or the commitment, that its device signed.
[[nodiscard]] Result<DeviceRecord> signed_figures(const StoredRecord& record);

}  // namespace tally::chaincode::data
