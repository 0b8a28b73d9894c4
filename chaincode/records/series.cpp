#include "chaincode/records/series.h"

#include <algorithm>

#include "chaincode/records/refusals.h"
#include "crypto/merkle.h"

namespace tally::chaincode {

bool RowReader::next() {
    if (reader_.peek() == crypto::CborReader::Type::end) return false;
    const auto start = reader_.offset();
    if (reader_.array() != values_.size() + 1)
        reader_.fault(Code::malformed, "a row holds an offset and one value per field");
    const auto offset = reader_.integer();
    if (reader_.ok() && (offset <= offset_ || offset >= period_s_)) {
        reader_.fault(Code::malformed,
                      offset <= offset_ ? "the rows' offsets do not rise" : "a row lies outside the period");
    }
    for (auto& value : values_) {
        value.reset();
        if (!reader_.skip_null()) value = reader_.integer();
    }
    if (!reader_.ok()) return false;
    offset_ = offset;
    bytes_ = series_.subspan(start, reader_.offset() - start);
    return true;
}

void Summarizer::add(std::span<const std::optional<std::int64_t>> values) {
    for (std::size_t i = 0; i < summary_.size(); ++i) {
        auto& field = summary_[i];
        if (!values[i]) {
            ++field.missing;
            continue;
        }
        const auto value = *values[i];
        if (field.count == 0) {
            field.first = field.min = field.max = value;
        } else {
            field.min = std::min(field.min, value);
            field.max = std::max(field.max, value);
        }
        field.last = value;
        ++field.count;
        if (__builtin_add_overflow(field.sum, value, &field.sum)) overflowed_[i] = true;
    }
}

std::optional<std::size_t> Summarizer::overflow() const {
    const auto found = std::find(overflowed_.begin(), overflowed_.end(), true);
    if (found == overflowed_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - overflowed_.begin());
}

namespace {

Status compare(const Field& field, const FieldSummary& stated, const FieldSummary& found) {
    const auto check = [&](std::string_view what, std::int64_t said, std::int64_t is) -> Status {
        if (said == is) return {};
        return fail(refusals::summary_mismatch, "\"{}\": the summary says {} {}, the series {}", field.name, what, said,
                    is);
    };
    TRY(check("count", stated.count, found.count));
    TRY(check("missing", stated.missing, found.missing));
    TRY(check("sum", stated.sum, found.sum));
    TRY(check("min", stated.min, found.min));
    TRY(check("max", stated.max, found.max));
    TRY(check("first", stated.first, found.first));
    return check("last", stated.last, found.last);
}

Status compare_root(const DeviceRecord& record, std::size_t rows, SeriesLeaves& leaves) {
    const auto root = leaves.root();
    if (root == record.root) return {};
    return fail(refusals::root_mismatch, "the series of {} rows has the root {}, the record says {}", rows, root.hex(),
                record.root.hex());
}

}  // namespace

void SeriesLeaves::add(ByteView row) {
    if (rows_per_leaf_ == 1) {
        leaves_.push_back(crypto::leaf_hash(row));
        return;
    }
    append(open_, row);
    if (++rows_ == rows_per_leaf_) close();
}

void SeriesLeaves::close() {
    leaves_.push_back(crypto::leaf_hash(open_));
    open_.clear();
    rows_ = 0;
}

crypto::Hash SeriesLeaves::root() {
    if (rows_ > 0) close();
    return crypto::merkle_root(leaves_);
}

Status check_series(const DeviceRecord& record, ByteView series) {
    SeriesLeaves leaves(record.rows_per_leaf);
    leaves.reserve(std::min<std::size_t>(static_cast<std::size_t>(record.rows()), series.size()));
    std::size_t count = 0;
    Summarizer summarizer(record.fields.size());
    RowReader rows(record, series);
    while (rows.next()) {
        ++count;
        leaves.add(rows.bytes());
        summarizer.add(rows.values());
    }
    TRY(rows.status());
    TRY(compare_root(record, count, leaves));
    if (const auto field = summarizer.overflow()) {
        return fail(refusals::summary_mismatch, "\"{}\": the sum of the series does not fit 64 bits",
                    record.fields[*field].name);
    }
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        TRY(compare(record.fields[i], record.summary[i], summarizer.summary()[i]));
    }
    return {};
}

Status check_root(const DeviceRecord& record, ByteView series) {
    SeriesLeaves leaves(record.rows_per_leaf);
    std::size_t count = 0;
    RowReader rows(record, series);
    for (; rows.next(); ++count) leaves.add(rows.bytes());
    TRY(rows.status());
    return compare_root(record, count, leaves);
}

Status SeriesWriter::add(std::int64_t offset, std::span<const std::optional<std::int64_t>> values) {
    if (offset <= last_offset_)
        return fail(Code::invalid_argument, "the row at offset {} does not come behind {}", offset, last_offset_);
    if (values.size() != summarizer_.summary().size()) {
        return fail(Code::invalid_argument, "a row of {} values for {} fields", values.size(),
                    summarizer_.summary().size());
    }
    crypto::CborWriter row;
    row.reserve(8 + 9 * values.size());
    row.array(values.size() + 1).integer(offset);
    for (const auto& value : values) {
        if (value) {
            row.integer(*value);
        } else {
            row.null();
        }
    }
    append(bytes_, row.view());
    leaves_.add(row.view());
    summarizer_.add(values);
    last_offset_ = offset;
    return {};
}

Result<std::vector<FieldSummary>> SeriesWriter::summary() const {
    if (const auto field = summarizer_.overflow()) {
        return fail(Code::invalid_argument, "the sum of field {} does not fit 64 bits", *field + 1);
    }
    return summarizer_.summary();
}

}  // namespace tally::chaincode
