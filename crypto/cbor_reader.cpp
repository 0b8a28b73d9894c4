#include "crypto/cbor.h"

#include <array>
#include <cstring>
#include <limits>

#include "crypto/cbor_heads.h"
#include "crypto/utf8.h"

namespace tally::crypto {

using namespace cbor;

namespace {

bool below(ByteView a, ByteView b) {
    const std::size_t common = std::min(a.size(), b.size());
    const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
    return order != 0 ? order < 0 : a.size() < b.size();
}

}  // namespace

CborReader::Type CborReader::peek() const {
    if (position_ == end_) return Type::end;
    switch (*position_ >> 5) {
        case kUint: return Type::uint;
        case kNegative: return Type::negative;
        case kBytes: return Type::bytes;
        case kText: return Type::text;
        case kArray: return Type::array;
        case kMap: return Type::map;
        case kTag: return Type::tag;
        default: break;
    }
    if (*position_ == kFalse || *position_ == kTrue) return Type::boolean;
    return *position_ == kNull ? Type::null : Type::other;
}

void CborReader::fault(Code code, std::string_view sentence) {
    if (fault_) return;
    fault_at_ = position_;
    fault_ = Error{code, fmt::format("{}, byte {}: {}", what_, position_ - begin_, sentence)};
    end_ = position_;
}

Status CborReader::status() const {
    if (fault_) return std::unexpected(*fault_);
    return {};
}

Status CborReader::finish() {
    if (!fault_ && position_ != end_) fault_here("bytes are left over");
    return status();
}

bool CborReader::argument(std::uint64_t& value) {
    const std::uint8_t information = *position_ & 0x1f;
    if (information < 24) {
        value = information;
        ++position_;
        return true;
    }
    if (information > 27) {
        fault_here(information == 31 ? "indefinite lengths are not accepted" : "a reserved initial byte");
        return false;
    }
    const unsigned size = 1u << (information - 24);
    if (remaining() < 1 + size) {
        fault_here("the input ends within an item");
        return false;
    }
    std::uint64_t read = 0;
    for (unsigned i = 1; i <= size; ++i) read = read << 8 | position_[i];
    if (size == 1 ? read < 24 : read >> (4 * size) == 0) {
        fault_here("an integer or length is not in its shortest form");
        return false;
    }
    value = read;
    position_ += 1 + size;
    return true;
}

std::uint64_t CborReader::argument_of(std::uint8_t major, const char* expected) {
    if (fault_) return 0;
    if (position_ == end_ || *position_ >> 5 != major) {
        fault_here(fmt::format("{} is expected{}", expected, position_ == end_ ? ", but the input ends" : ""));
        return 0;
    }
    std::uint64_t value = 0;
    return argument(value) ? value : 0;
}

std::int64_t CborReader::integer() {
    const bool negative = position_ != end_ && *position_ >> 5 == kNegative;
    const std::uint8_t* const start = position_;
    const std::uint64_t value = negative ? argument_of(kNegative, "an integer") : argument_of(kUint, "an integer");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        position_ = start;
        fault_here("an integer is outside 64 signed bits");
        return 0;
    }
    return negative ? -1 - static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

ByteView CborReader::string_of(std::uint8_t major, const char* expected) {
    const std::uint64_t length = argument_of(major, expected);
    if (fault_) return {};
    if (length > remaining()) {
        fault_here("a string is longer than the bytes that are left");
        return {};
    }
    const ByteView value(position_, static_cast<std::size_t>(length));
    position_ += length;
    return value;
}

ByteView CborReader::bytes() { return string_of(kBytes, "a byte string"); }

std::string_view CborReader::text() {
    const ByteView value = string_of(kText, "a text");
    if (is_utf8(as_text(value))) return as_text(value);
    position_ = value.data();
    fault_here("a text is not valid UTF-8");
    return {};
}

std::uint64_t CborReader::array() {
    const std::uint64_t count = argument_of(kArray, "an array");
    if (count > remaining()) {
        fault_here("an array counts more items than there are bytes left");
        return 0;
    }
    return count;
}

std::uint64_t CborReader::map() {
    const std::uint64_t count = argument_of(kMap, "a map");
    if (count > remaining() / 2) {
        fault_here("a map counts more entries than there are bytes left");
        return 0;
    }
    return count;
}

std::uint64_t CborReader::tag() { return argument_of(kTag, "a tag"); }

bool CborReader::boolean() {
    if (peek() != Type::boolean) {
        fault_here("true or false is expected");
        return false;
    }
    return *position_++ == kTrue;
}

void CborReader::null() {
    if (!skip_null()) fault_here("null is expected");
}

bool CborReader::skip_null() {
    if (peek() != Type::null) return false;
    ++position_;
    return true;
}

// What is still to come of an array, map or tag that `item` is inside of.
struct CborReader::Level {
    std::uint64_t items;
    bool is_map;
    bool at_key;
    const std::uint8_t* item_start;
    ByteView last_key;
};

ByteView CborReader::item() {
    const std::uint8_t* const start = position_;
    std::array<Level, kMaxDepth + 1> levels;
    levels[0] = {1, false, false, start, {}};
    std::size_t depth = 0;
    while (!fault_) {
        Level& level = levels[depth];
        if (level.items == 0) {
            if (depth == 0) return {start, static_cast<std::size_t>(position_ - start)};
            complete_item(levels[--depth]);
            continue;
        }
        level.item_start = position_;
        Level inner{0, false, false, nullptr, {}};
        if (!enter_item(inner)) {
            complete_item(level);
        } else if (depth == kMaxDepth) {
            fault_here("items are nested too deeply");
        } else {
            levels[++depth] = inner;
        }
    }
    return {};
}

// Reads a scalar (false), or the head of a container (true) and says in `inner` what it holds.
bool CborReader::enter_item(Level& inner) {
    switch (peek()) {
        case Type::uint: (void)uint(); return false;
        case Type::negative: (void)argument_of(kNegative, "an integer"); return false;
        case Type::bytes: (void)bytes(); return false;
        case Type::text: (void)text(); return false;
        case Type::boolean: (void)boolean(); return false;
        case Type::null: null(); return false;
        case Type::array: inner.items = array(); return true;
        case Type::map:
            inner.items = 2 * map();
            inner.is_map = inner.at_key = true;
            return true;
        case Type::tag:
            (void)tag();
            inner.items = 1;
            return true;
        case Type::end: fault_here("an item is expected, but the input ends"); return false;
        case Type::other: break;
    }
    fault_here("floating-point and unassigned simple values are not accepted");
    return false;
}

void CborReader::complete_item(Level& level) {
    if (fault_) return;
    --level.items;
    if (!level.is_map) return;
    if (level.at_key) check_order(level.last_key, {level.item_start, position_});
    level.at_key = !level.at_key;
}

void CborReader::check_order(ByteView& last, ByteView key) {
    if (fault_) return;
    if (!last.empty() && !below(last, key)) {
        position_ = key.data();
        fault_here(equal(last, key) ? "a map key appears twice" : "the map keys are out of order");
        return;
    }
    last = key;
}

std::int64_t CborReader::MapKeys::next_integer(CborReader& reader) {
    const std::uint8_t* const start = reader.position_;
    const std::int64_t key = reader.integer();
    reader.check_order(last_, {start, reader.position_});
    return reader.ok() ? key : 0;
}

std::string_view CborReader::MapKeys::next_text(CborReader& reader) {
    const std::uint8_t* const start = reader.position_;
    const std::string_view key = reader.text();
    reader.check_order(last_, {start, reader.position_});
    return reader.ok() ? key : std::string_view{};
}

}  // namespace tally::crypto
