#include "crypto/cbor.h"
#include "crypto/cbor_heads.h"

namespace tally::crypto {

using namespace cbor;

void CborWriter::head(std::uint8_t major, std::uint64_t argument) {
    const auto type = static_cast<std::uint8_t>(major << 5);
    if (argument < 24) {
        out_.push_back(static_cast<std::uint8_t>(type | argument));
        return;
    }
    const unsigned size = argument <= 0xff ? 1 : argument <= 0xffff ? 2 : argument <= 0xffffffff ? 4 : 8;
    out_.push_back(static_cast<std::uint8_t>(type | (size == 1 ? 24 : size == 2 ? 25 : size == 4 ? 26 : 27)));
    for (unsigned i = size; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(argument >> (8 * i)));
}

CborWriter& CborWriter::uint(std::uint64_t value) {
    head(kUint, value);
    return *this;
}

CborWriter& CborWriter::integer(std::int64_t value) {
    if (value >= 0) {
        head(kUint, static_cast<std::uint64_t>(value));
    } else {
        head(kNegative, ~static_cast<std::uint64_t>(value));  // -1 - value
    }
    return *this;
}

CborWriter& CborWriter::bytes(ByteView value) {
    head(kBytes, value.size());
    append(out_, value);
    return *this;
}

CborWriter& CborWriter::text(std::string_view value) {
    head(kText, value.size());
    append(out_, as_bytes(value));
    return *this;
}

CborWriter& CborWriter::array(std::uint64_t count) {
    head(kArray, count);
    return *this;
}

CborWriter& CborWriter::map(std::uint64_t count) {
    head(kMap, count);
    return *this;
}

CborWriter& CborWriter::tag(std::uint64_t number) {
    head(kTag, number);
    return *this;
}

CborWriter& CborWriter::boolean(bool value) {
    out_.push_back(value ? kTrue : kFalse);
    return *this;
}

CborWriter& CborWriter::null() {
    out_.push_back(kNull);
    return *this;
}

CborWriter& CborWriter::bytes_head(std::uint64_t length) {
    head(kBytes, length);
    return *this;
}

CborWriter& CborWriter::raw(ByteView already_encoded) {
    append(out_, already_encoded);
    return *this;
}

CborWriter& CborWriter::reserve(std::size_t size) {
    out_.reserve(size);
    return *this;
}

}  // namespace tally::crypto
