#include "chaincode/contracts/data/series_columns.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <string_view>

namespace tally::chaincode::data {

namespace json = boost::json;

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
        const auto found =
            std::find_if(columns_.begin(), columns_.end(), [&](const auto& column) { return column.field == field; });
        targets_[i] = static_cast<std::size_t>(found - columns_.begin());
        if (found == columns_.end()) columns_.push_back({field, {}, {}});
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
            json::value value = nullptr;
            if (values[i]) value = decimal_text(*values[i], column.field.scale);
            bytes_ += kSampleBytes;
            column.entries.push_back(json::array{record_start_s_ + offset, std::move(value)});
            continue;
        }
        auto& bucket = column.bucket;
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
    for (auto& column : columns_) {
        const auto& bucket = column.bucket;
        if (bucket.count + bucket.missing == 0) continue;  // a field that this record does not have
        const auto scale = column.field.scale;
        const auto reading = [&](std::int64_t value) {
            return bucket.count == 0 ? json::value(nullptr) : json::value(decimal_text(value, scale));
        };
        bytes_ += kBucketBytes;
        column.entries.push_back(
            json::object{{"time", record_start_s_ + bucket_s_},
                         {"count", bucket.count},
                         {"missing", bucket.missing},
                         {"sum", decimal_text(bucket.sum, scale)},
                         {"min", reading(bucket.min)},
                         {"max", reading(bucket.max)},
                         {"mean", bucket.count == 0 ? json::value(nullptr)
                                                    : json::value(mean_text(bucket.sum, bucket.count, scale))},
                         {"first", reading(bucket.first)},
                         {"last", reading(bucket.last)}});
        column.bucket = {};
    }
    bucket_s_ = -1;
}

json::array SeriesColumns::take() {
    json::array out;
    for (auto& column : columns_) {
        out.push_back(json::object{{"name", column.field.name},
                                   {"unit", column.field.unit},
                                   {"scale", column.field.scale},
                                   {interval_s_ ? "buckets" : "samples", std::move(column.entries)}});
    }
    return out;
}

}  // namespace tally::chaincode::data
