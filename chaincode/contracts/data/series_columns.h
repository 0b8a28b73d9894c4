#pragma once
// Rows turned into columns: per field its samples in the order of time, or buckets of an interval counted from each
// record's start. Fields of records with other units or scales are columns of their own. One thread, one query.
//
// An interval without rows has no bucket.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chaincode/contracts/data/answers.h"
#include "chaincode/records/decimal.h"

namespace tally::chaincode::data {

class SeriesColumns {
  public:
    // All fields when `names` is empty; raw samples without an interval.
    SeriesColumns(std::vector<std::string> names, std::optional<std::int64_t> interval_s)
        : names_(std::move(names)), interval_s_(interval_s) {}

    void begin(const DeviceRecord& record);
    void add(std::int64_t offset, std::span<const std::optional<std::int64_t>> values);
    void end();

    // What the columns' text has so far, counted low.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::vector<Column> take() { return std::move(columns_); }

  private:
    struct Open {  // the bucket that rows are added to
        std::int64_t count = 0, missing = 0, min = 0, max = 0, first = 0, last = 0;
        WideInteger sum = 0;
    };

    void close_buckets();

    std::vector<std::string> names_;
    std::optional<std::int64_t> interval_s_;
    std::vector<Column> columns_;
    std::vector<Open> open_;                           // of each column
    std::vector<std::optional<std::size_t>> targets_;  // of the current record: the column of each field
    std::int64_t record_start_s_ = 0;
    std::size_t bytes_ = 0;
    std::int64_t bucket_s_ = -1;  // the offset of the open bucket; -1: none
};

}  // namespace tally::chaincode::data
