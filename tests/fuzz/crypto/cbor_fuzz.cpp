// The CBOR reader against a second reader, written here from RFC 8949's text alone: a recursive tree of values. What
// either accepts the other must accept, and writing the tree again must give the same bytes.

#include <algorithm>
#include <optional>
#include <vector>

#include "crypto/cbor.h"
#include "tests/fuzz/expect.h"

using tally::append;
using tally::Bytes;
using tally::ByteView;
using tally::equal;
using tally::crypto::CborReader;
using tally::crypto::CborWriter;

namespace {

struct Value {
    unsigned major = 0;
    std::uint64_t argument = 0;
    Bytes string;
    std::vector<Value> items;
};

// Decodes each code point and checks its length and range.
bool is_utf8(const Bytes& text) {
    for (std::size_t i = 0; i < text.size();) {
        const unsigned lead = text[i];
        const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
        if (size == 0 || text.size() - i < size) return false;
        std::uint32_t point = size == 1 ? lead : lead & (0xffu >> (size + 1));
        for (std::size_t j = 1; j < size; ++j) {
            if (text[i + j] >> 6 != 2) return false;
            point = point << 6 | (text[i + j] & 63u);
        }
        const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
        i += size;
    }
    return true;
}

Bytes write(const Value& value);

std::optional<Value> parse(ByteView in, std::size_t& at, int depth) {
    if (at >= in.size()) return std::nullopt;
    Value value;
    const unsigned initial = in[at++];
    value.major = initial >> 5;
    unsigned info = initial & 31;
    if (value.major == 7) {
        if (info < 20 || info > 22) return std::nullopt;
        value.argument = info;
        return value;
    }
    if (info > 27) return std::nullopt;
    value.argument = info;
    if (info >= 24) {
        const std::size_t size = std::size_t{1} << (info - 24);
        if (in.size() - at < size) return std::nullopt;
        value.argument = 0;
        for (std::size_t i = 0; i < size; ++i) value.argument = value.argument << 8 | in[at++];
        const std::uint64_t longest_of_shorter[] = {23, 0xff, 0xffff, 0xffffffff};
        if (value.argument <= longest_of_shorter[info - 24]) return std::nullopt;
    }
    if (value.major < 2) return value;
    if (value.major < 4) {
        if (value.argument > in.size() - at) return std::nullopt;
        value.string.assign(in.begin() + static_cast<std::ptrdiff_t>(at),
                            in.begin() + static_cast<std::ptrdiff_t>(at + value.argument));
        at += value.argument;
        if (value.major == 3 && !is_utf8(value.string)) return std::nullopt;
        return value;
    }
    if (depth == 16 || (value.major != 6 && value.argument > in.size())) return std::nullopt;
    const std::uint64_t count = value.major == 6 ? 1 : value.major == 5 ? 2 * value.argument : value.argument;
    Bytes last;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::optional<Value> item = parse(in, at, depth + 1);
        if (!item) return std::nullopt;
        if (value.major == 5 && i % 2 == 0) {
            Bytes key = write(*item);
            if (i > 0 && !std::lexicographical_compare(last.begin(), last.end(), key.begin(), key.end())) {
                return std::nullopt;
            }
            last = std::move(key);
        }
        value.items.push_back(std::move(*item));
    }
    return value;
}

Bytes write(const Value& value) {
    CborWriter writer;
    switch (value.major) {
        case 0: writer.uint(value.argument); break;
        case 1:
            if (value.argument <= 0x7fffffffffffffff) {
                writer.integer(-1 - static_cast<std::int64_t>(value.argument));
            } else {  // beyond what the writer is made for
                Bytes raw(9, 0x3b);
                for (unsigned i = 0; i < 8; ++i) raw[8 - i] = static_cast<std::uint8_t>(value.argument >> (8 * i));
                writer.raw(raw);
            }
            break;
        case 2: writer.bytes(value.string); break;
        case 3: writer.text(tally::as_text(value.string)); break;
        case 4: writer.array(value.argument); break;
        case 5: writer.map(value.argument); break;
        case 6: writer.tag(value.argument); break;
        default:
            if (value.argument == 22) {
                writer.null();
            } else {
                writer.boolean(value.argument == 21);
            }
    }
    for (const Value& item : value.items) writer.raw(write(item));
    return writer.take();
}

// Reads with the typed calls what the tree says must come.
void read_as(CborReader& reader, const Value& value) {
    using Type = CborReader::Type;
    constexpr Type kTypes[] = {Type::uint, Type::negative, Type::bytes, Type::text, Type::array, Type::map, Type::tag};
    if (value.major < 7) TALLY_FUZZ_EXPECT(reader.peek() == kTypes[value.major]);
    switch (value.major) {
        case 0: TALLY_FUZZ_EXPECT(reader.uint() == value.argument); return;
        case 1:
            if (value.argument > 0x7fffffffffffffff) {
                (void)reader.item();
            } else {
                TALLY_FUZZ_EXPECT(reader.integer() == -1 - static_cast<std::int64_t>(value.argument));
            }
            return;
        case 2: TALLY_FUZZ_EXPECT(equal(reader.bytes(), value.string)); return;
        case 3: TALLY_FUZZ_EXPECT(reader.text() == tally::as_text(value.string)); return;
        case 4: TALLY_FUZZ_EXPECT(reader.array() == value.argument); break;
        case 5: TALLY_FUZZ_EXPECT(reader.map() == value.argument); break;
        case 6: TALLY_FUZZ_EXPECT(reader.tag() == value.argument); break;
        default:
            if (value.argument == 22) {
                TALLY_FUZZ_EXPECT(reader.skip_null());
            } else {
                TALLY_FUZZ_EXPECT(reader.boolean() == (value.argument == 21));
            }
            return;
    }
    for (const Value& item : value.items) read_as(reader, item);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    CborReader reader(in, "fuzz");
    const ByteView item = reader.item();
    std::size_t at = 0;
    const std::optional<Value> value = parse(in, at, 0);
    TALLY_FUZZ_EXPECT(reader.ok() == value.has_value());
    if (!value) {
        TALLY_FUZZ_EXPECT(item.empty() && reader.offset() <= size && !reader.finish());
        return 0;
    }
    TALLY_FUZZ_EXPECT(item.size() == at && reader.offset() == at && item.data() == data);
    TALLY_FUZZ_EXPECT(equal(write(*value), item));
    CborReader typed(item, "fuzz");
    read_as(typed, *value);
    TALLY_FUZZ_EXPECT(typed.finish().has_value());
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const Bytes seeds[] = {
        CborWriter()
            .map(3)
            .uint(1)
            .text("a")
            .uint(500)
            .array(2)
            .null()
            .boolean(true)
            .integer(-7)
            .bytes(Bytes(30, 7))
            .take(),
        CborWriter().array(4).uint(23).uint(24).uint(70000).uint(~std::uint64_t{0}).take(),
        CborWriter().tag(18).array(2).text("\u6c34").array(1).array(1).array(0).take(),
        CborWriter().integer(-70000).take(),
    };
    for (const Bytes& seed : seeds) add(seed.data(), seed.size());
}
