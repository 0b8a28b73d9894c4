#include "gateway/device_sdk/day_builder.h"

#include <algorithm>

#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::gateway::device_sdk {

Result<UnsignedRecord> build_record(const Measurements& measurements, const RecordPlan& plan) {
    const auto& times = measurements.times_s;
    chaincode::SeriesWriter series(measurements.fields.size(), kRowsPerLeaf);
    for (auto at = std::lower_bound(times.begin(), times.end(), plan.start_s); at != times.end() && *at < plan.end_s;
         ++at) {
        TRY(series.add(*at - plan.start_s, measurements.row(static_cast<std::size_t>(at - times.begin()))));
    }
    UnsignedRecord out;
    auto& record = out.record;
    record.device = "unsigned";
    record.kind = plan.kind;
    record.start_s = plan.start_s;
    record.end_s = plan.end_s;
    record.polling_interval_s = plan.polling_interval_s;
    record.fields = measurements.fields;
    record.summary = TRY(series.summary());
    record.root = series.root();
    record.rows_per_leaf = kRowsPerLeaf;
    record.traffic = plan.traffic;
    TRY(chaincode::check_record(record));
    out.series = series.take();
    if (plan.series == SeriesForm::in_payload) record.series = out.series;
    if (plan.series == SeriesForm::packed) out.packed = TRY(chaincode::pack_series(record, out.series));
    return out;
}

}  // namespace tally::gateway::device_sdk
