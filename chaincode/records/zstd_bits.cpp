#include "chaincode/records/zstd_bits.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tally::chaincode::zstd {
namespace {

constexpr unsigned kMaxHuffmanBits = 11;
constexpr unsigned kMaxWeightLog = 6;     // of the table for weights
constexpr std::size_t kMaxWeights = 255;  // one less than there are symbols: the last follows from the others

unsigned log2_of(std::uint64_t value) { return static_cast<unsigned>(std::bit_width(value)) - 1; }

std::uint64_t load(ByteView in, std::size_t first_bit, unsigned count) {
    const auto byte = first_bit / 8;
    std::uint64_t value = 0;
    std::memcpy(&value, in.data() + byte, std::min<std::size_t>(sizeof value, in.size() - byte));
    return value >> first_bit % 8 & ((std::uint64_t{1} << count) - 1);
}

}  // namespace

std::uint32_t ForwardBits::read(unsigned count) {
    if (!ok_ || at_ + count > in_.size() * 8) {
        ok_ = false;
        return 0;
    }
    const auto value = count == 0 ? 0 : load(in_, at_, count);
    at_ += count;
    return static_cast<std::uint32_t>(value);
}

BackwardBits::BackwardBits(ByteView in) : in_(in), ok_(!in.empty() && in.back() != 0) {
    if (ok_) left_ = (in.size() - 1) * 8 + log2_of(in.back());
}

std::uint64_t BackwardBits::read(unsigned count) {
    const auto value = peek(count);
    skip(count);
    return ok_ ? value : 0;
}

std::uint64_t BackwardBits::peek(unsigned count) const {
    if (!ok_ || left_ == 0 || count == 0) return 0;
    if (count <= left_) return load(in_, left_ - count, count);
    return load(in_, 0, static_cast<unsigned>(left_)) << (count - left_);
}

void BackwardBits::skip(unsigned count) {
    ok_ = ok_ && count <= left_;
    if (ok_) left_ -= count;
}

// Section 4.1.1.
std::optional<FseTable> FseTable::of(std::span<const std::int16_t> probabilities, unsigned accuracy_log) {
    const std::size_t size = std::size_t{1} << accuracy_log;
    std::size_t sum = 0;
    for (const auto each : probabilities) sum += static_cast<std::size_t>(each < 0 ? 1 : each);
    if (sum != size) return std::nullopt;
    FseTable out;
    out.accuracy_log_ = accuracy_log;
    out.cells_.resize(size);
    std::vector<std::uint32_t> next(probabilities.size());
    auto high = size;
    for (std::size_t symbol = 0; symbol < probabilities.size(); ++symbol) {
        if (probabilities[symbol] != -1) continue;
        out.cells_[--high].symbol = static_cast<std::uint8_t>(symbol);
        next[symbol] = 1;
    }
    const auto step = (size >> 1) + (size >> 3) + 3;
    std::size_t at = 0;
    for (std::size_t symbol = 0; symbol < probabilities.size(); ++symbol) {
        if (probabilities[symbol] <= 0) continue;
        next[symbol] = static_cast<std::uint32_t>(probabilities[symbol]);
        for (std::int16_t i = 0; i < probabilities[symbol]; ++i) {
            out.cells_[at].symbol = static_cast<std::uint8_t>(symbol);
            do at = (at + step) & (size - 1);
            while (at >= high);
        }
    }
    for (auto& cell : out.cells_) {
        const auto state = next[cell.symbol]++;
        cell.bits = static_cast<std::uint8_t>(accuracy_log - log2_of(state));
        cell.base = static_cast<std::uint16_t>((state << cell.bits) - size);
    }
    return out;
}

FseTable FseTable::of_one(std::uint8_t symbol) {
    FseTable out;
    out.cells_ = {{symbol, 0, 0}};
    return out;
}

std::optional<FseTable> FseTable::read(ByteView& in, unsigned max_accuracy_log, std::size_t max_symbols) {
    ForwardBits bits(in);
    const auto accuracy_log = bits.read(4) + 5;
    if (accuracy_log > max_accuracy_log) return std::nullopt;
    std::vector<std::int16_t> probabilities;
    std::int32_t remaining = 1 << accuracy_log;
    while (bits.ok() && remaining > 0 && probabilities.size() < max_symbols) {
        // Values below the threshold take one bit less.
        const auto count = log2_of(static_cast<std::uint32_t>(remaining) + 1) + 1;
        const auto lower = (std::int32_t{1} << (count - 1)) - 1;
        const auto threshold = (std::int32_t{1} << count) - 1 - (remaining + 1);
        auto value = static_cast<std::int32_t>(bits.read(count));
        if ((value & lower) < threshold) {
            bits.back(1);
            value &= lower;
        } else if (value > lower) {
            value -= threshold;
        }
        const auto probability = value - 1;
        remaining -= probability < 0 ? 1 : probability;
        probabilities.push_back(static_cast<std::int16_t>(probability));
        if (probability != 0) continue;
        for (auto zeros = 3U; zeros == 3 && bits.ok();) {
            zeros = bits.read(2);
            probabilities.insert(probabilities.end(), zeros, 0);
        }
    }
    if (!bits.ok() || remaining != 0 || probabilities.size() > max_symbols) return std::nullopt;
    in = in.subspan(bits.bytes());
    return of(probabilities, accuracy_log);
}

// Section 4.2.1.
std::optional<HuffmanTable> HuffmanTable::read(ByteView& in) {
    if (in.empty()) return std::nullopt;
    const auto head = in.front();
    in = in.subspan(1);
    std::vector<std::uint8_t> weights;
    if (head >= 128) {
        const auto count = head - 127U;
        if (in.size() < (count + 1) / 2) return std::nullopt;
        for (std::size_t i = 0; i < count; ++i) weights.push_back(i % 2 == 0 ? in[i / 2] >> 4 : in[i / 2] & 15);
        in = in.subspan((count + 1) / 2);
        return of(std::move(weights));
    }
    if (in.size() < head) return std::nullopt;
    auto packed = in.first(head);
    in = in.subspan(head);
    const auto table = FseTable::read(packed, kMaxWeightLog, kMaxHuffmanBits + 2);
    if (!table) return std::nullopt;
    BackwardBits bits(packed);
    FseState first(*table, bits), second(*table, bits);
    // Two states take turns. When one cannot go on for lack of bits, the other one has the last symbol.
    for (auto *now = &first, *other = &second; bits.ok() && weights.size() < kMaxWeights; std::swap(now, other)) {
        weights.push_back(now->symbol());
        if (now->bits() > bits.left()) {
            weights.push_back(other->symbol());
            return of(std::move(weights));
        }
        now->advance(bits);
    }
    return std::nullopt;
}

std::optional<HuffmanTable> HuffmanTable::of(std::vector<std::uint8_t> weights) {
    std::uint64_t sum = 0;
    for (const auto weight : weights) {
        if (weight > kMaxHuffmanBits) return std::nullopt;
        if (weight > 0) sum += std::uint64_t{1} << (weight - 1);
    }
    if (sum == 0 || weights.size() > kMaxWeights) return std::nullopt;
    HuffmanTable out;
    out.max_bits_ = log2_of(sum) + 1;
    if (out.max_bits_ > kMaxHuffmanBits) return std::nullopt;
    const auto left = (std::uint64_t{1} << out.max_bits_) - sum;
    if (!std::has_single_bit(left)) return std::nullopt;
    weights.push_back(static_cast<std::uint8_t>(log2_of(left) + 1));
    for (unsigned weight = 1; weight <= out.max_bits_; ++weight) {
        for (std::size_t symbol = 0; symbol < weights.size(); ++symbol) {
            if (weights[symbol] != weight) continue;
            const Cell cell{static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(out.max_bits_ + 1 - weight)};
            out.cells_.insert(out.cells_.end(), std::size_t{1} << (weight - 1), cell);
        }
    }
    return out;
}

bool HuffmanTable::decode(ByteView stream, std::span<std::uint8_t> out) const {
    BackwardBits bits(stream);
    for (auto& byte : out) {
        const auto& cell = cells_[bits.peek(max_bits_)];
        byte = cell.symbol;
        bits.skip(cell.bits);
        if (!bits.ok()) return false;
    }
    return bits.finished();
}

}  // namespace tally::chaincode::zstd
