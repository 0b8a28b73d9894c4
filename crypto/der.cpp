#include "crypto/der.h"

#include <algorithm>
#include <chrono>

namespace tally::crypto {
namespace {

std::unexpected<Error> malformed_der(std::string_view why) { return fail(Code::certificate_malformed, "DER: {}", why); }

}  // namespace

Result<DerElement> DerReader::any() {
    if (rest_.size() < 2) return malformed_der("it ends too early");
    const std::uint8_t tag = rest_[0];
    if ((tag & 0x1f) == 0x1f) return malformed_der("a tag has more than one byte");
    std::size_t header = 2;
    std::size_t size = rest_[1];
    if (size >= 0x80) {
        const std::size_t bytes = size & 0x7f;
        if (bytes == 0 || bytes > 4 || rest_.size() < 2 + bytes) return malformed_der("a length cannot be read");
        header += bytes;
        size = 0;
        for (std::size_t i = 0; i < bytes; ++i) size = size << 8 | rest_[2 + i];
        if (size < 0x80 || (bytes > 1 && size >> (8 * (bytes - 1)) == 0)) {
            return malformed_der("a length is not in its shortest form");
        }
    }
    if (size > rest_.size() - header) return malformed_der("an element is longer than what holds it");
    const DerElement element{tag, rest_.subspan(header, size), rest_.first(header + size)};
    rest_ = rest_.subspan(header + size);
    return element;
}

Result<DerElement> DerReader::element(std::uint8_t tag) {
    if (!next_is(tag)) {
        return fail(Code::certificate_malformed, "DER: tag 0x{:02x} is expected, {} is there", tag,
                    rest_.empty() ? "nothing" : fmt::format("0x{:02x}", rest_.front()));
    }
    return any();
}

Result<DerReader> DerReader::enter(std::uint8_t tag) { return DerReader(TRY(element(tag)).content); }

Result<bool> DerReader::boolean() {
    const ByteView content = TRY(element(DerTag::boolean)).content;
    if (content.size() != 1 || (content[0] != 0 && content[0] != 0xff)) return malformed_der("a boolean is neither");
    return content[0] != 0;
}

Result<ByteView> DerReader::unsigned_integer() {
    const ByteView content = TRY(element(DerTag::integer)).content;
    if (content.empty()) return malformed_der("an integer is empty");
    if ((content[0] & 0x80) != 0) return malformed_der("an integer is negative");
    if (content[0] != 0) return content;
    if (content.size() > 1 && (content[1] & 0x80) == 0) return malformed_der("an integer is not in its shortest form");
    return content.subspan(1);
}

Result<ByteView> DerReader::bit_string() {
    const ByteView content = TRY(element(DerTag::bit_string)).content;
    if (content.empty() || content[0] != 0) return malformed_der("a bit string does not hold whole bytes");
    return content.subspan(1);
}

Result<std::int64_t> DerReader::time() {
    const bool utc = next_is(DerTag::utc_time);
    const ByteView content = TRY(element(utc ? DerTag::utc_time : DerTag::generalized_time)).content;
    const std::size_t year_digits = utc ? 2 : 4;
    const bool digits = content.size() == year_digits + 11 && content.back() == 'Z' &&
                        std::all_of(content.begin(), content.end() - 1, [](auto c) { return c >= '0' && c <= '9'; });
    if (!digits) return malformed_der("a date is not in the form of RFC 5280");
    const auto number = [&](std::size_t at, std::size_t size) {
        unsigned value = 0;
        for (const std::uint8_t digit : content.subspan(at, size)) value = value * 10 + (digit - '0');
        return value;
    };
    const auto part = [&](std::size_t index) { return number(year_digits + 2 * index, 2); };
    unsigned year = number(0, year_digits);
    if (utc) year += year < 50 ? 2000 : 1900;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(part(0)),
                                           std::chrono::day(part(1))};
    if (!date.ok() || part(2) > 23 || part(3) > 59 || part(4) > 59) return malformed_der("there is no such date");
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return (((days * 24 + part(2)) * 60 + part(3)) * 60 + part(4)) * 1000;
}

Status DerReader::end() const {
    if (rest_.empty()) return {};
    return malformed_der("more is there than belongs there");
}

Result<DerElement> whole_element(ByteView bytes, std::uint8_t tag) {
    DerReader reader(bytes);
    const DerElement element = TRY(reader.element(tag));
    TRY(reader.end());
    return element;
}

std::uint64_t saturated(ByteView magnitude, std::uint64_t max) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : magnitude) {
        if (value > max >> 8) return max;
        value = value << 8 | byte;
    }
    return std::min(value, max);
}

}  // namespace tally::crypto
