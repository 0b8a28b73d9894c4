#pragma once
// The figures of an audit, computed from proven records alone (node/channel/device_evidence.h). Pure.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "node/channel/device_evidence.h"

namespace tally::node::cli {

// Seconds since 1970, [from, to).
struct AuditRange {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

// The DAILY records that begin in the range, by time.
[[nodiscard]] std::vector<const DeviceEvidence::Record*> days_in(const DeviceEvidence& evidence, AuditRange range);

// {from, to, sequence, content_id, transaction, rows, fields [{name, unit, scale, count, missing, sum, min, max, first,
// last}], recomputed, epoch, signers}: what the device signed; `recomputed` when its readings give it.
[[nodiscard]] boost::json::object day_json(const DeviceEvidence::Record& day);

// {missing_days, incomplete_days, missing_sequences, broken_chain}: days of the range; sequences up to the last proven
// record, from 1 or from the first proven record on.
[[nodiscard]] boost::json::object gaps_json(const DeviceEvidence& evidence, AuditRange range, bool from_sequence_1);

// Samples (no interval) or buckets by field, from the rows of these days. All fields when `names` is empty.
[[nodiscard]] Result<boost::json::array> series_json(const std::vector<const DeviceEvidence::Record*>& days,
                                                     const std::vector<std::string>& names,
                                                     std::optional<std::int64_t> interval_s);

}  // namespace tally::node::cli
