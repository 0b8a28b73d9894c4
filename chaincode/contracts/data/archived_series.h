#pragma once
// A record's series as it lies in the archive, fetched and checked against the root that the device signed.
// For queries. Failures: root_mismatch, those of attachment_of, corrupt (it is not what was committed).

#include "chaincode/contracts/data/model.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {

class ArchivedSeries {
  public:
    // None when its holder did not put it on the ledger.
    [[nodiscard]] static Result<std::optional<ArchivedSeries>> find(Stub& stub, const StoredRecord& record);

    ArchivedSeries(ArchivedSeries&&) = default;
    ArchivedSeries& operator=(ArchivedSeries&&) = default;

    [[nodiscard]] const DeviceRecord& record() const { return signed_.record; }
    [[nodiscard]] RowReader rows() const { return {signed_.record, signed_.record.series.value_or(unpacked_)}; }

  private:
    ArchivedSeries() = default;

    Bytes message_;
    SignedRecord signed_;  // borrows message_
    Bytes unpacked_;       // unless the rows are in the message
};

}  // namespace tally::chaincode::data
