#include "chaincode/contracts/data/series_columns.h"

#include <algorithm>
#include <string_view>

namespace tally::chaincode::data {

namespace {

// The shortest text of an entry, with the time as it has been since 2001.
constexpr std::size_t kSampleBytes = std::string_view(R"([1000000000,"0"],)").size();
constexpr std::size_t kBucketBytes =
    std::string_view(
        R"({"time":1000000000,"count":0,"missing":1,"sum":"0","min":null,"max":null,"mean":null,"first":null,"last":null},)")
        .size();

}  // namespace

void SeriesColumns::begin(const DeviceRecord& record) {
    record_start_s_ = record.start_s;
    targets_.assign(record.fields.size(), std::nullopt);
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const auto& field = record.fields[i];
        if (!names_.empty() && std::find(names_.begin(), names_.end(), field.name) == names_.end()) continue;
        const auto found = std::ranges::find_if(columns_, [&](const auto& column) {
            return column.name == field.name && column.unit == field.unit && column.scale == field.scale;
        });
        targets_[i] = static_cast<std::size_t>(found - columns_.begin());
        if (found != columns_.end()) continue;
        auto& column = columns_.emplace_back(Column{field.name, field.unit, field.scale, {}, {}});
        if (interval_s_)
            column.buckets.emplace();
        else
            column.samples.emplace();
        open_.emplace_back();
    }
}

void SeriesColumns::add(std::int64_t offset, std::span<const std::optional<std::int64_t>> values) {
    if (interval_s_) {
        const auto bucket_s = offset / *interval_s_ * *interval_s_;
        if (bucket_s != bucket_s_) close_buckets();
        bucket_s_ = bucket_s;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!targets_[i]) continue;
        auto& column = columns_[*targets_[i]];
        if (!interval_s_) {
            bytes_ += kSampleBytes;
            const auto value = values[i] ? std::optional(Reading(*values[i], column.scale)) : std::nullopt;
            column.samples->emplace_back(record_start_s_ + offset, value);
            continue;
        }
        auto& bucket = open_[*targets_[i]];
        if (!values[i]) {
            ++bucket.missing;
            continue;
        }
        const auto value = *values[i];
        if (bucket.count++ == 0) bucket.first = bucket.min = bucket.max = value;
        bucket.min = std::min(bucket.min, value);
        bucket.max = std::max(bucket.max, value);
        bucket.last = value;
        bucket.sum += value;
    }
}

void SeriesColumns::end() { close_buckets(); }

void SeriesColumns::close_buckets() {
    if (bucket_s_ < 0) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto& bucket = open_[i];
        if (bucket.count + bucket.missing == 0) continue;  // a field that this record does not have
        const auto scale = columns_[i].scale;
        const auto reading = [&](std::int64_t value) {
            return bucket.count == 0 ? std::nullopt : std::optional(decimal_text(value, scale));
        };
        bytes_ += kBucketBytes;
        columns_[i].buckets->push_back(
            {.time = record_start_s_ + bucket_s_,
             .count = bucket.count,
             .missing = bucket.missing,
             .sum = decimal_text(bucket.sum, scale),
             .min = reading(bucket.min),
             .max = reading(bucket.max),
             .mean = bucket.count == 0 ? std::nullopt : std::optional(mean_text(bucket.sum, bucket.count, scale)),
             .first = reading(bucket.first),
             .last = reading(bucket.last)});
        open_[i] = {};
    }
    bucket_s_ = -1;
}

}  // namespace tally::chaincode::data
