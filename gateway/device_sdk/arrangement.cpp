#include "gateway/device_sdk/arrangement.h"

#include <algorithm>
#include <map>

namespace tally::gateway::device_sdk {
namespace {

constexpr std::size_t kMaxListedLines = 100;

// Puts rows in the order of time, each time once.
class Arranger {
  public:
    Arranger(std::span<const RowTime> rows, const OptionalIntegers& moments, const OptionalIntegers& values,
             bool series, MeterCsv& out, CsvFindings& findings)
        : rows_(rows), moments_(moments), values_(values), series_(series), out_(out), findings_(findings) {}

    void arrange() {
        auto& [measurements, report] = out_;
        const auto fields = measurements.fields.size();
        std::vector<std::size_t> order;
        order.reserve(moments_.size());
        bool sorted = true;
        for (std::size_t i = 0; i < moments_.size(); ++i) {
            if (!moments_[i]) continue;
            if (!order.empty() && *moments_[i] < *moments_[order.back()]) {
                ++report.out_of_order;
                sorted = false;
            }
            order.push_back(i);
        }
        if (!sorted) std::ranges::stable_sort(order, {}, [&](auto index) { return *moments_[index]; });
        measurements.times_s.reserve(order.size());
        measurements.values.reserve(order.size() * fields);
        for (const auto index : order) add(index);
        report.missing.assign(fields, 0);
        for (std::size_t i = 0; i < measurements.values.size(); ++i)
            report.missing[i % fields] += measurements.values[i] ? 0 : 1;
        report.rows_read = order.size();
        report.rows_kept = measurements.rows();
    }

  private:
    void add(std::size_t index) {
        auto& [measurements, report] = out_;
        const auto fields = measurements.fields.size();
        const auto row = std::span(values_).subspan(index * fields, fields);
        if (measurements.times_s.empty() || measurements.times_s.back() != *moments_[index]) {
            measurements.times_s.push_back(*moments_[index]);
            measurements.values.insert(measurements.values.end(), row.begin(), row.end());
            return;
        }
        const auto kept = std::span(measurements.values).last(fields);
        const auto line = rows_[index].line;
        if (series_ && fills(row, kept)) return;
        if (series_ ? agrees(row, kept) : std::ranges::equal(row, kept)) {
            ++report.duplicates;
            findings_.doubt(line, "the same time and the same values as a row above; it is dropped");
            return;
        }
        ++report.contradictions;
        if (report.contradicting_lines.size() < kMaxListedLines) report.contradicting_lines.push_back(line);
        findings_.doubt(line, "the same time as a row above and other values; --keep-first would drop it");
    }

    // Of a file with series: a row has one field alone, and completes the others of its time.
    bool fills(std::span<const std::optional<std::int64_t>> row, std::span<std::optional<std::int64_t>> kept) {
        bool fresh = false;
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (!row[k] || kept[k]) continue;
            kept[k] = row[k];
            fresh = true;
        }
        if (fresh) ++out_.report.merged;
        return fresh;
    }
    static bool agrees(std::span<const std::optional<std::int64_t>> row,
                       std::span<const std::optional<std::int64_t>> kept) {
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (row[k] && row[k] != kept[k]) return false;
        }
        return true;
    }

    std::span<const RowTime> rows_;
    const OptionalIntegers& moments_;
    const OptionalIntegers& values_;
    bool series_;
    MeterCsv& out_;
    CsvFindings& findings_;
};

void find_gaps(const std::vector<std::int64_t>& times_s, CsvReport& report) {
    report.interval_s = most_frequent_distance(times_s);
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        if (times_s[i] - times_s[i - 1] > report.interval_s) report.gaps.push_back({times_s[i - 1], times_s[i]});
    }
}

}  // namespace

std::int64_t most_frequent_distance(std::span<const std::int64_t> times_s) {
    std::map<std::int64_t, std::size_t> distances;
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        if (times_s[i] != times_s[i - 1]) ++distances[times_s[i] - times_s[i - 1]];
    }
    const auto most = std::ranges::max_element(distances, {}, [](const auto& each) { return each.second; });
    return most == distances.end() ? 0 : most->first;
}

void arrange(std::span<const RowTime> rows, const OptionalIntegers& moments, const OptionalIntegers& values,
             bool series, MeterCsv& out, CsvFindings& findings) {
    Arranger(rows, moments, values, series, out, findings).arrange();
    find_gaps(out.measurements.times_s, out.report);
}

}  // namespace tally::gateway::device_sdk
