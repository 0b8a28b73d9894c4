#pragma once
// CBOR (RFC 8949) in its deterministic encoding (section 4.2.1), and nothing else: the same value is always the same
// bytes, so what was signed can be compared, hashed and encoded again.
//
// Understood: integers of 64 bits, byte strings, UTF-8 text, arrays, maps, tags, true, false, null. Refused:
// floating-point and other simple values, indefinite lengths, integers and lengths not in their shortest form, text
// that is not UTF-8, map keys out of order or doubled, counts that the remaining bytes cannot hold.
//
// Both classes belong to one thread. The reader borrows its input, which must outlive it and every view it gave out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace tally::crypto {

// Appends items. The caller writes as many items as a count announced, and map entries in the order of their keys'
// encoded bytes (non-negative integers ascending, then negative ones from -1 down, then texts by length).
class CborWriter {
  public:
    CborWriter& uint(std::uint64_t value);
    CborWriter& integer(std::int64_t value);
    CborWriter& bytes(ByteView value);
    CborWriter& text(std::string_view value);
    CborWriter& array(std::uint64_t count);
    CborWriter& map(std::uint64_t count);
    CborWriter& tag(std::uint64_t number);
    CborWriter& boolean(bool value);
    CborWriter& null();
    CborWriter& bytes_head(std::uint64_t length);  // of a byte string whose bytes follow by other means
    CborWriter& raw(ByteView already_encoded);

    CborWriter& reserve(std::size_t size);
    [[nodiscard]] Bytes take() { return std::move(out_); }
    [[nodiscard]] ByteView view() const { return out_; }

  private:
    void head(std::uint8_t major, std::uint64_t argument);

    Bytes out_;
};

// Reads items in the order in which the caller expects them. The first fault stays: from then on every call returns an
// empty value and reads nothing, so a decoder is written without branches and asks `status` or `finish` once at the end
// (and before it uses a count to allocate: a count never exceeds the bytes that were left). Faults are `malformed`
// unless the caller says otherwise, and their sentence names `what` and the byte offset.
class CborReader {
  public:
    enum class Type { end, uint, negative, bytes, text, array, map, tag, boolean, null, other };

    explicit CborReader(ByteView in, std::string_view what = "CBOR")
        : begin_(in.data()), position_(in.data()), end_(in.data() + in.size()), what_(what) {}

    [[nodiscard]] Type peek() const;  // `end` when nothing is left or after a fault

    std::uint64_t uint() {
        if (position_ != end_ && *position_ < 24) return *position_++;
        return argument_of(0, "an unsigned integer");
    }
    std::int64_t integer();
    ByteView bytes();
    std::string_view text();
    std::uint64_t array();  // the count; at most the bytes that remain
    std::uint64_t map();    // the count of pairs; at most half the bytes that remain
    std::uint64_t tag();
    bool boolean();
    void null();
    bool skip_null();  // true, and consumed, if null is next

    // Consumes one whole item, strictly checked at every level (at most 16 deep), and returns its bytes.
    ByteView item();

    // The keys of one map, one call per entry: checks that each key comes strictly after the one before in bytewise
    // order of its encoding, which also rules out duplicates.
    class MapKeys {
      public:
        std::int64_t next_integer(CborReader& reader);
        std::string_view next_text(CborReader& reader);

      private:
        ByteView last_;
    };

    // The caller's own finding about what it just read; the first one stays.
    void fault(Code code, std::string_view sentence);

    [[nodiscard]] std::size_t offset() const {
        return static_cast<std::size_t>((fault_ ? fault_at_ : position_) - begin_);
    }
    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - position_); }
    [[nodiscard]] bool ok() const { return !fault_; }
    [[nodiscard]] Status status() const;
    [[nodiscard]] Status finish();  // status, and a fault if bytes are left over

  private:
    static constexpr unsigned kMaxDepth = 16;
    struct Level;

    void fault_here(std::string_view sentence) { fault(Code::malformed, sentence); }
    std::uint64_t argument_of(std::uint8_t major, const char* expected);
    bool argument(std::uint64_t& value);  // of the initial byte at position_, consumed
    ByteView string_of(std::uint8_t major, const char* expected);
    void check_order(ByteView& last, ByteView key);
    bool enter_item(Level& inner);
    void complete_item(Level& level);

    const std::uint8_t* begin_;
    const std::uint8_t* position_;
    const std::uint8_t* end_;  // moved to position_ by a fault, so that nothing more is read
    const std::uint8_t* fault_at_ = nullptr;
    std::string_view what_;
    std::optional<Error> fault_;
};

}  // namespace tally::crypto
