#include "chaincode/records/summary_cbor.h"

#include <algorithm>

namespace tally::chaincode {
namespace {

std::int64_t read_value_or_null(crypto::CborReader& reader, bool is_null) {
    if (!is_null) return reader.integer();
    reader.null();
    return 0;
}

}  // namespace

crypto::Hash read_hash(crypto::CborReader& reader) {
    const auto bytes = reader.bytes();
    crypto::Hash hash;
    if (bytes.size() == hash.bytes.size()) {
        std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
    } else {
        reader.fault(Code::malformed, "a SHA-256 digest has 32 bytes");
    }
    return hash;
}

void read_array_of(crypto::CborReader& reader, std::uint64_t size, std::string_view what) {
    const auto count = reader.array();
    if (reader.ok() && count != size)
        reader.fault(Code::malformed, fmt::format("{} has {} items, not {}", what, count, size));
}

void read_summary(crypto::CborReader& reader, std::vector<FieldSummary>& summary) {
    const auto count = reader.array();
    if (count > kMaxFields) reader.fault(Code::too_large, "a summary of too many fields");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto& field = summary.emplace_back();
        read_array_of(reader, 7, "a field's summary");
        field.count = reader.integer();
        field.missing = reader.integer();
        field.sum = reader.integer();
        const bool none = field.count == 0;
        field.min = read_value_or_null(reader, none);
        field.max = read_value_or_null(reader, none);
        field.first = read_value_or_null(reader, none);
        field.last = read_value_or_null(reader, none);
    }
}

void write_summary(crypto::CborWriter& writer, const std::vector<FieldSummary>& summary) {
    writer.array(summary.size());
    for (const auto& field : summary) {
        writer.array(7).integer(field.count).integer(field.missing).integer(field.sum);
        for (const auto value : {field.min, field.max, field.first, field.last}) {
            if (field.count == 0) {
                writer.null();
            } else {
                writer.integer(value);
            }
        }
    }
}

}  // namespace tally::chaincode
