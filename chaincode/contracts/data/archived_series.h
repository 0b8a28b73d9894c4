#pragma once
// A record's series as it lies in the archive, fetched and checked against the root that the device signed.
// For queries. Failures: not_found (the series is not on the ledger), root_mismatch, those of attachment_of.

#include "chaincode/contracts/data/model.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {

class ArchivedSeries {
  public:
    [[nodiscard]] static Result<ArchivedSeries> fetch(Stub& stub, const StoredRecord& record);

    ArchivedSeries(ArchivedSeries&&) = default;
    ArchivedSeries& operator=(ArchivedSeries&&) = default;

    [[nodiscard]] const DeviceRecord& record() const { return signed_.record; }
    [[nodiscard]] RowReader rows() const { return {signed_.record, series_}; }

  private:
    ArchivedSeries() = default;

    Bytes message_;
    Bytes attached_;
    SignedRecord signed_;  // borrows message_
    ByteView series_;
};

}  // namespace tally::chaincode::data
