#include "chaincode/records/zstd_decoder.h"

#include <algorithm>
#include <array>

#include "chaincode/records/zstd_bits.h"

namespace tally::chaincode::zstd {
namespace {

constexpr std::size_t kMaxBlock = 128U << 10;

// A code stands for base + as many further bits.
struct Code {
    std::uint32_t base = 0;
    std::uint8_t bits = 0;
};

// Section 3.1.1.3.2.1.1: the codes whose number of bits and base follow a rule come first.
constexpr std::array<Code, 36> kLiteralLengths = [] {
    std::array<Code, 36> codes{};
    constexpr std::array<std::uint8_t, 20> bits = {1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    for (std::uint32_t i = 0; i < 16; ++i) codes[i].base = i;
    std::uint32_t base = 16;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        codes[16 + i] = {base, bits[i]};
        base += 1U << bits[i];
    }
    return codes;
}();
static_assert(kLiteralLengths[25].base == 64 && kLiteralLengths[35].base == 65536);

constexpr std::array<Code, 53> kMatchLengths = [] {
    std::array<Code, 53> codes{};
    constexpr std::array<std::uint8_t, 21> bits = {1, 1, 1, 1,  2,  2,  3,  3,  4,  4, 5,
                                                   7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    for (std::uint32_t i = 0; i < 32; ++i) codes[i].base = i + 3;
    std::uint32_t base = 35;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        codes[32 + i] = {base, bits[i]};
        base += 1U << bits[i];
    }
    return codes;
}();
static_assert(kMatchLengths[43].base == 131 && kMatchLengths[52].base == 65539);

constexpr std::size_t kOffsetCodes = 32;

// Section 3.1.1.3.2.2.
constexpr std::int16_t kUsualLiteralLengths[] = {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
                                                 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
constexpr std::int16_t kUsualMatchLengths[] = {1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};
constexpr std::int16_t kUsualOffsets[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 1,  1,  1,  1,  1, 1,
                                          1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1};

struct Sort {  // of the three codes of a sequence
    std::span<const std::int16_t> usual;
    unsigned usual_log;
    unsigned max_log;
    std::size_t codes;
};
constexpr Sort kOfLiterals{kUsualLiteralLengths, 6, 9, kLiteralLengths.size()};
constexpr Sort kOfOffsets{kUsualOffsets, 5, 8, kOffsetCodes};
constexpr Sort kOfMatches{kUsualMatchLengths, 6, 9, kMatchLengths.size()};

std::uint64_t little_endian(ByteView in) {
    std::uint64_t value = 0;
    for (std::size_t i = in.size(); i-- > 0;) value = value << 8 | in[i];
    return value;
}

// The first `size` bytes of `in`, which is shortened by them; none when there are fewer.
std::optional<ByteView> take(ByteView& in, std::size_t size) {
    if (in.size() < size) return std::nullopt;
    const auto taken = in.first(size);
    in = in.subspan(size);
    return taken;
}

class Decoder {
  public:
    Decoder(std::uint64_t window, std::span<std::uint8_t> out)
        : window_(window), max_block_(std::min<std::uint64_t>(window, kMaxBlock)), out_(out) {}

    bool decode(ByteView in) {
        for (bool last = false; !last;) {
            const auto head_bytes = take(in, 3);
            if (!head_bytes) return false;
            const auto head = little_endian(*head_bytes);
            last = (head & 1) != 0;
            if (!decode_block(head >> 1 & 3, head >> 3, in)) return false;
        }
        return in.empty() && at_ == out_.size();
    }

  private:
    bool decode_block(std::uint64_t type, std::size_t size, ByteView& in) {
        if (size > max_block_) return false;
        const auto content = take(in, type == 1 ? 1 : size);
        if (!content) return false;
        switch (type) {
            case 0: return put(*content);
            case 1: return put_repeated(content->front(), size);
            case 2: return decode_compressed(*content);
            default: return false;
        }
    }

    bool put(ByteView bytes) {
        if (bytes.size() > out_.size() - at_) return false;
        std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ += bytes.size();
        return true;
    }

    bool put_repeated(std::uint8_t byte, std::size_t count) {
        if (count > out_.size() - at_) return false;
        std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(at_), count, byte);
        at_ += count;
        return true;
    }

    bool put_match(std::size_t offset, std::size_t length) {
        if (offset == 0 || offset > at_ || offset > window_ || length > out_.size() - at_) return false;
        for (; length > 0; --length, ++at_) out_[at_] = out_[at_ - offset];
        return true;
    }

    bool decode_compressed(ByteView in) {
        const auto begin = at_;
        return decode_literals(in) && decode_sequences(in) && at_ - begin <= max_block_;
    }

    // Section 3.1.1.3.1; into literals_.
    bool decode_literals(ByteView& in) {
        if (in.empty()) return false;
        const auto type = in.front() & 3U, format = in.front() >> 2 & 3U;
        return type < 2 ? plain_literals(in, type == 1, format) : coded_literals(in, type == 3, format);
    }

    bool plain_literals(ByteView& in, bool repeated, unsigned format) {
        const auto head = take(in, format == 1 ? 2 : format == 3 ? 3 : 1);
        if (!head) return false;
        const auto size = little_endian(*head) >> (format % 2 == 0 ? 3 : 4);
        if (size > max_block_) return false;
        const auto content = take(in, repeated ? 1 : size);
        if (!content) return false;
        if (repeated) {
            literals_.assign(size, content->front());
        } else {
            literals_ = to_bytes(*content);
        }
        return true;
    }

    bool coded_literals(ByteView& in, bool same_table, unsigned format) {
        const unsigned bits = format < 2 ? 10 : format == 2 ? 14 : 18;
        const auto head_bytes = take(in, (4 + 2 * bits) / 8);
        if (!head_bytes) return false;
        const auto head = little_endian(*head_bytes);
        const auto mask = (std::uint64_t{1} << bits) - 1;
        const auto size = head >> 4 & mask, coded = head >> (4 + bits) & mask;
        auto content = take(in, coded);
        if (!content || size > max_block_) return false;
        if (!same_table) {
            auto table = HuffmanTable::read(*content);
            if (!table) return false;
            huffman_ = std::move(*table);
        }
        if (huffman_.empty()) return false;
        literals_.resize(size);
        return format == 0 ? huffman_.decode(*content, literals_) : decode_four(*content);
    }

    bool decode_four(ByteView in) {
        const auto sizes = take(in, 6);
        if (!sizes) return false;
        const auto each = (literals_.size() + 3) / 4;
        if (3 * each > literals_.size()) return false;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto stream = take(in, i < 3 ? little_endian(sizes->subspan(2 * i, 2)) : in.size());
            const auto begin = i * each;
            if (!stream ||
                !huffman_.decode(*stream, std::span(literals_).subspan(begin, i < 3 ? each : literals_.size() - begin)))
                return false;
        }
        return true;
    }

    // Section 3.1.1.3.2.
    bool decode_sequences(ByteView in) {
        const auto first = take(in, 1);
        if (!first) return false;
        std::size_t count = first->front();
        if (count >= 128) {
            const auto more = take(in, count == 255 ? 2 : 1);
            if (!more) return false;
            count = count == 255 ? little_endian(*more) + 0x7f00 : ((count - 128) << 8) + more->front();
        }
        if (count == 0) return in.empty() && put(literals_);
        const auto modes = take(in, 1);
        if (!modes || (modes->front() & 3) != 0) return false;
        if (!read_table(modes->front() >> 6, kOfLiterals, in, literal_lengths_) ||
            !read_table(modes->front() >> 4 & 3, kOfOffsets, in, offsets_) ||
            !read_table(modes->front() >> 2 & 3, kOfMatches, in, match_lengths_))
            return false;
        return execute(count, in);
    }

    bool read_table(unsigned mode, const Sort& sort, ByteView& in, FseTable& table) {
        switch (mode) {
            case 0: table = *FseTable::of(sort.usual, sort.usual_log); return true;
            case 1: {
                const auto symbol = take(in, 1);
                if (!symbol || symbol->front() >= sort.codes) return false;
                table = FseTable::of_one(symbol->front());
                return true;
            }
            case 2: {
                auto described = FseTable::read(in, sort.max_log, sort.codes);
                if (!described) return false;
                table = std::move(*described);
                return true;
            }
            default: return !table.empty();
        }
    }

    bool execute(std::size_t count, ByteView in) {
        BackwardBits bits(in);
        FseState literal(literal_lengths_, bits), offset(offsets_, bits), match(match_lengths_, bits);
        ByteView literals = literals_;
        for (; count > 0 && bits.ok(); --count) {
            const auto offset_value = (std::uint64_t{1} << offset.symbol()) + bits.read(offset.symbol());
            const auto& match_code = kMatchLengths[match.symbol()];
            const auto match_length = match_code.base + bits.read(match_code.bits);
            const auto& literal_code = kLiteralLengths[literal.symbol()];
            const auto literal_length = literal_code.base + bits.read(literal_code.bits);
            if (count > 1) {
                literal.advance(bits);
                match.advance(bits);
                offset.advance(bits);
            }
            const auto copied = take(literals, literal_length);
            if (!bits.ok() || !copied || !put(*copied)) return false;
            if (!put_match(offset_of(offset_value, literal_length == 0), match_length)) return false;
        }
        return bits.finished() && put(literals);
    }

    // Section 3.1.1.5: the three last offsets are named by 1 to 3; 0 is none that can be.
    std::size_t offset_of(std::uint64_t value, bool no_literals) {
        if (value > 3) {
            last_ = {value - 3, last_[0], last_[1]};
            return last_[0];
        }
        const auto which = value - 1 + (no_literals ? 1 : 0);
        if (which == 0) return last_[0];
        const auto found = which == 3 ? last_[0] - 1 : last_[which];
        last_ = {found, last_[0], which == 1 ? last_[2] : last_[1]};
        return found;
    }

    std::uint64_t window_;
    std::uint64_t max_block_;
    std::span<std::uint8_t> out_;
    std::size_t at_ = 0;
    Bytes literals_;
    HuffmanTable huffman_;
    FseTable literal_lengths_, offsets_, match_lengths_;
    std::array<std::uint64_t, 3> last_ = {1, 4, 8};
};

}  // namespace

bool decode_blocks(ByteView blocks, std::uint64_t window, std::span<std::uint8_t> out) {
    return Decoder(window, out).decode(blocks);
}

}  // namespace tally::chaincode::zstd
