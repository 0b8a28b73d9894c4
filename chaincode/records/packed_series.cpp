#include "chaincode/records/packed_series.h"

#include <bit>

#include "chaincode/records/series.h"
#include "chaincode/records/zstd_frame.h"

namespace tally::chaincode {
namespace {

constexpr std::string_view kWhat = "the packed series";
constexpr std::size_t kMaxVarint = 10;

void put_varint(Bytes& out, std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

// One column of numbers that is being written.
class Deltas {
  public:
    void add(std::int64_t value) {
        const auto delta = static_cast<std::uint64_t>(value) - previous_;
        put_varint(bytes_, delta << 1 ^ (delta >> 63 != 0 ? ~std::uint64_t{0} : 0));
        previous_ = static_cast<std::uint64_t>(value);
    }
    [[nodiscard]] ByteView bytes() const { return bytes_; }

  private:
    Bytes bytes_;
    std::uint64_t previous_ = 0;
};

struct Column {
    Bytes nulls;
    Deltas values;

    void add(std::size_t row, const std::optional<std::int64_t>& value) {
        if (row % 8 == 0) nulls.push_back(0);
        if (value) {
            values.add(*value);
        } else {
            nulls.back() |= static_cast<std::uint8_t>(1U << row % 8);
        }
    }
};

// Reads a frame's content; the first fault stays, and every read after it gives zeros.
class ColumnReader {
  public:
    explicit ColumnReader(ByteView content) : rest_(content) {}

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < kMaxVarint; ++i) {
            if (rest_.empty()) return fault("it ends inside a number");
            const auto byte = rest_.front();
            rest_ = rest_.subspan(1);
            if (i == kMaxVarint - 1 && byte > 1) break;
            value |= std::uint64_t{byte & 0x7fU} << 7 * i;
            if (byte < 0x80) return byte == 0 && i > 0 ? fault("a number is longer than needed") : value;
        }
        return fault("a number does not fit 64 bits");
    }

    // The bytes of the next `count` numbers, which are not read yet.
    ByteView numbers(std::size_t count) {
        std::size_t size = 0;
        for (std::size_t left = count; left > 0; ++size) {
            if (size == rest_.size()) {
                fault("it ends inside a column");
                return {};
            }
            if (rest_[size] < 0x80) --left;
        }
        return bytes(size);
    }

    ByteView bytes(std::size_t size) {
        if (rest_.size() < size) {
            fault("it ends inside a column");
            return {};
        }
        const auto out = rest_.first(size);
        rest_ = rest_.subspan(size);
        return out;
    }

    std::uint64_t fault(std::string_view sentence) {
        if (fault_.empty()) fault_ = sentence;
        rest_ = {};
        return 0;
    }
    [[nodiscard]] Status status() const {
        return fault_.empty() ? Status() : fail(Code::malformed, "{}: {}", kWhat, fault_);
    }
    [[nodiscard]] Status finish() {
        if (!rest_.empty()) fault("bytes are left over");
        return status();
    }

  private:
    ByteView rest_;
    std::string_view fault_;
};

// The numbers of one column, one after the other.
class DeltaReader {
  public:
    explicit DeltaReader(ByteView numbers) : in_(numbers) {}

    std::int64_t next() {
        const auto zigzag = in_.varint();
        previous_ += zigzag >> 1 ^ (0 - (zigzag & 1));
        return static_cast<std::int64_t>(previous_);
    }
    [[nodiscard]] Status status() const { return in_.status(); }

  private:
    ColumnReader in_;
    std::uint64_t previous_ = 0;
};

struct FieldReader {
    ByteView nulls;
    DeltaReader values;

    [[nodiscard]] bool is_null(std::size_t row) const { return (nulls[row / 8] >> row % 8 & 1U) != 0; }
};

FieldReader read_field(ColumnReader& in, std::size_t rows) {
    const auto nulls = in.bytes((rows + 7) / 8);
    std::size_t missing = 0;
    for (const auto byte : nulls) missing += static_cast<std::size_t>(std::popcount(byte));
    if (rows % 8 != 0 && !nulls.empty() && nulls.back() >> rows % 8 != 0)
        in.fault("the null bitmap has a bit set after the last row");
    return {nulls, DeltaReader(missing <= rows ? in.numbers(rows - missing) : ByteView())};
}

// No columns of the record's rows and fields are longer.
std::size_t most_column_bytes(const DeviceRecord& record) {
    const auto rows = static_cast<std::size_t>(record.rows());
    const auto fields = record.fields.size();
    return std::min(kMaxSeriesBytes, 2 * kMaxVarint + rows * kMaxVarint * (fields + 1) + (rows + 7) / 8 * fields);
}

}  // namespace

Result<Bytes> pack_series(const DeviceRecord& record, ByteView series) {
    if (series.size() > kMaxSeriesBytes)
        return fail(Code::too_large, "the series has {} bytes; {} are allowed", series.size(), kMaxSeriesBytes);
    Deltas offsets;
    std::vector<Column> columns(record.fields.size());
    std::size_t count = 0;
    RowReader rows(record, series);
    for (; rows.next(); ++count) {
        offsets.add(rows.offset());
        for (std::size_t i = 0; i < columns.size(); ++i) columns[i].add(count, rows.values()[i]);
    }
    TRY(rows.status());
    Bytes content;
    put_varint(content, count);
    put_varint(content, columns.size());
    append(content, offsets.bytes());
    for (const auto& column : columns) {
        append(content, column.nulls);
        append(content, column.values.bytes());
    }
    return compress_frame(content);
}

Result<Bytes> unpack_series(const DeviceRecord& record, ByteView packed) {
    const auto content = TRY(decompress_frame(packed, most_column_bytes(record), kWhat));
    ColumnReader in(content);
    const auto rows = in.varint(), fields = in.varint();
    TRY(in.status());
    if (rows != static_cast<std::uint64_t>(record.rows()) || fields != record.fields.size()) {
        return fail(Code::malformed, "{} has {} rows of {} fields, and the record says {} of {}", kWhat, rows, fields,
                    record.rows(), record.fields.size());
    }
    DeltaReader offsets(in.numbers(rows));
    std::vector<FieldReader> columns;
    columns.reserve(fields);
    for (std::size_t i = 0; i < fields; ++i) columns.push_back(read_field(in, rows));
    TRY(in.finish());
    crypto::CborWriter out;
    out.reserve(std::min(kMaxSeriesBytes, 2 * content.size()));
    for (std::size_t row = 0; row < rows; ++row) {
        out.array(fields + 1).integer(offsets.next());
        for (auto& column : columns) {
            if (column.is_null(row)) {
                out.null();
            } else {
                out.integer(column.values.next());
            }
        }
        if (out.view().size() > kMaxSeriesBytes)
            return fail(Code::too_large, "{} has more than {} bytes unpacked", kWhat, kMaxSeriesBytes);
    }
    TRY(offsets.status());
    for (const auto& column : columns) TRY(column.values.status());
    return out.take();
}

}  // namespace tally::chaincode
