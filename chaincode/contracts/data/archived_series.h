#pragma once
// A record's series as it lies in the archive, or with this node as a keeper, checked against the root that the device
// signed. For queries. Failures: root_mismatch, those of attachment_of, corrupt (it is not what was committed).

#include "chaincode/contracts/data/answers.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {

class ArchivedSeries {
  public:
    // Or why the caller does not get it.
    using Found = std::expected<ArchivedSeries, Withheld>;
    [[nodiscard]] static Result<Found> find(Stub& stub, const StoredRecord& record);

    ArchivedSeries(ArchivedSeries&&) = default;
    ArchivedSeries& operator=(ArchivedSeries&&) = default;

    [[nodiscard]] const DeviceRecord& record() const { return signed_.record; }
    [[nodiscard]] RowReader rows() const { return {signed_.record, signed_.record.series.value_or(unpacked_)}; }

  private:
    ArchivedSeries() = default;
    [[nodiscard]] static Result<Found> find_kept(Stub& stub, const StoredRecord& record);

    Bytes message_;        // none for a series that a collection keeps
    SignedRecord signed_;  // borrows message_
    Bytes unpacked_;       // unless the rows are in the message
};

}  // namespace tally::chaincode::data
