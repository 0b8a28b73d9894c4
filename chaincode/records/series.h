#pragma once
// A record's series: a CBOR sequence (RFC 8742) of rows, row = [offset seconds, v1, ... vk], null for a missing value.
// Offsets count from the period's start, rise strictly and lie inside the period. A leaf of the RFC 9162 tree is the
// exact bytes of rows_per_leaf rows, one after the other; the last leaf may have fewer. Zero, null
// (no reading) and an absent row (a gap) are different values.
//
// Readers borrow the bytes and belong to one thread. Nothing here allocates per row beyond a leaf's hash. Failures:
// malformed (a row), root_mismatch, summary_mismatch (names the field).

#include <optional>
#include <span>
#include <vector>

#include "chaincode/records/device_record.h"
#include "crypto/cbor.h"

namespace tally::chaincode {

// Row by row:  RowReader rows(record, series);  while (rows.next()) use(rows.offset(), rows.values());
// TRY(rows.status());
class RowReader {
  public:
    RowReader(ByteView series, std::size_t fields, std::int64_t period_s)
        : series_(series), reader_(series, "the series"), values_(fields), period_s_(period_s) {}
    RowReader(const DeviceRecord& record, ByteView series)
        : RowReader(series, record.fields.size(), record.end_s - record.start_s) {}

    bool next();  // false at the end and at a fault
    [[nodiscard]] std::int64_t offset() const { return offset_; }
    [[nodiscard]] std::span<const std::optional<std::int64_t>> values() const { return values_; }
    [[nodiscard]] ByteView bytes() const { return bytes_; }  // of the row, as they were signed
    [[nodiscard]] Status status() const { return reader_.status(); }

  private:
    ByteView series_;
    crypto::CborReader reader_;
    std::vector<std::optional<std::int64_t>> values_;
    std::int64_t period_s_;
    std::int64_t offset_ = -1;
    ByteView bytes_;
};

// Summaries of the rows as they come.
class Summarizer {
  public:
    explicit Summarizer(std::size_t fields) : summary_(fields), overflowed_(fields, false) {}

    void add(std::span<const std::optional<std::int64_t>> values);
    [[nodiscard]] const std::vector<FieldSummary>& summary() const { return summary_; }
    // The first field whose sum left 64 bits.
    [[nodiscard]] std::optional<std::size_t> overflow() const;

  private:
    std::vector<FieldSummary> summary_;
    std::vector<bool> overflowed_;
};

// The leaves of a series, from its rows as they come; any number of rows may be left for the last leaf.
class SeriesLeaves {
  public:
    explicit SeriesLeaves(std::int64_t rows_per_leaf) : rows_per_leaf_(rows_per_leaf) {}

    void add(ByteView row);
    [[nodiscard]] crypto::Hash root();  // of all rows; nothing is added afterwards
    void reserve(std::size_t rows) { leaves_.reserve(rows / static_cast<std::size_t>(rows_per_leaf_) + 1); }

  private:
    void close();

    std::int64_t rows_per_leaf_;
    std::int64_t rows_ = 0;  // of the open leaf
    Bytes open_;
    std::vector<crypto::Hash> leaves_;
};

// Whether the series is what the record's root and summary say.
[[nodiscard]] Status check_series(const DeviceRecord& record, ByteView series);
// Whether it is what the root says, alone: for a series that comes back from the archive.
[[nodiscard]] Status check_root(const DeviceRecord& record, ByteView series);

// Writes rows, and takes their root and summary on the way.
class SeriesWriter {
  public:
    explicit SeriesWriter(std::size_t fields, std::int64_t rows_per_leaf = 1)
        : leaves_(rows_per_leaf), summarizer_(fields) {}

    // Offsets rise strictly (else invalid_argument); one value per field.
    [[nodiscard]] Status add(std::int64_t offset, std::span<const std::optional<std::int64_t>> values);
    // Fails (invalid_argument) when a sum left 64 bits.
    [[nodiscard]] Result<std::vector<FieldSummary>> summary() const;
    [[nodiscard]] crypto::Hash root() { return leaves_.root(); }  // nothing is added afterwards
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

  private:
    Bytes bytes_;
    SeriesLeaves leaves_;
    Summarizer summarizer_;
    std::int64_t last_offset_ = -1;
};

}  // namespace tally::chaincode
