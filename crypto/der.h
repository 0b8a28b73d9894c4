#pragma once
// Reading DER (X.690, distinguished encoding rules). For this room's own sources only.
//
// Strict: definite lengths in their shortest form, tags of one byte, no bytes after the end. What this reader accepts
// depends on no library. It borrows the bytes and allocates nothing. Failures: certificate_malformed.

#include <cstdint>
#include <optional>

#include "crypto/bytes.h"

namespace tally::crypto {

struct DerTag {
    static constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04,
                                  object_identifier = 0x06, utf8_string = 0x0c, numeric_string = 0x12,
                                  printable_string = 0x13, ia5_string = 0x16, utc_time = 0x17, generalized_time = 0x18,
                                  sequence = 0x30, set = 0x31;
    static constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(0x80 | number); }
    static constexpr std::uint8_t context_constructed(unsigned number) {
        return static_cast<std::uint8_t>(0xa0 | number);
    }
};

struct DerElement {
    std::uint8_t tag = 0;
    ByteView content;
    ByteView whole;  // with tag and length
};

class DerReader {
  public:
    explicit DerReader(ByteView bytes) : rest_(bytes) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool next_is(std::uint8_t tag) const { return !rest_.empty() && rest_.front() == tag; }

    [[nodiscard]] Result<DerElement> any();
    [[nodiscard]] Result<DerElement> element(std::uint8_t tag);
    [[nodiscard]] Result<DerReader> enter(std::uint8_t tag);
    [[nodiscard]] Result<bool> boolean();
    // The magnitude, big-endian, without leading zeros (empty for zero). Negative integers are refused.
    [[nodiscard]] Result<ByteView> unsigned_integer();
    // Of whole bytes.
    [[nodiscard]] Result<ByteView> bit_string();
    // UTCTime or GeneralizedTime in the one form of RFC 5280 section 4.1.2.5; milliseconds since 1970.
    [[nodiscard]] Result<std::int64_t> time();
    [[nodiscard]] Status end() const;

  private:
    ByteView rest_;
};

// The bytes of the one element that this is; nothing may follow it.
[[nodiscard]] Result<DerElement> whole_element(ByteView bytes, std::uint8_t tag);

// An integer of at most `max` (which is less than 2^63), or `max` for a larger one.
[[nodiscard]] std::uint64_t saturated(ByteView magnitude, std::uint64_t max);

}  // namespace tally::crypto
