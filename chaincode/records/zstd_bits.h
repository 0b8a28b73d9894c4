#pragma once
// The bit streams and the two entropy codes of Zstandard (RFC 8878 sections 4.1 and 4.2), for zstd_decoder.cpp alone.
// Every reader has its first fault for good: after it, all reads give zeros and `ok` is false.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "crypto/bytes.h"

namespace tally::chaincode::zstd {

// From the first byte's lowest bit on: how tables are described.
class ForwardBits {
  public:
    explicit ForwardBits(ByteView in) : in_(in) {}
    std::uint32_t read(unsigned count);
    void back(unsigned count) { at_ -= count; }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t bytes() const { return (at_ + 7) / 8; }  // begun so far

  private:
    ByteView in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

// From the end to the beginning; the highest bit that is set in the last byte marks the end.
class BackwardBits {
  public:
    explicit BackwardBits(ByteView in);
    std::uint64_t read(unsigned count);                      // at most 32
    [[nodiscard]] std::uint64_t peek(unsigned count) const;  // the bits before the beginning are zeros
    void skip(unsigned count);
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool finished() const { return ok_ && left_ == 0; }
    [[nodiscard]] std::size_t left() const { return left_; }

  private:
    ByteView in_;
    std::size_t left_ = 0;
    bool ok_ = true;
};

// Finite state entropy.
class FseTable {
  public:
    struct Cell {
        std::uint8_t symbol = 0;
        std::uint8_t bits = 0;
        std::uint16_t base = 0;
    };

    FseTable() = default;
    // -1 is "less than one". None when the probabilities do not make up the table.
    static std::optional<FseTable> of(std::span<const std::int16_t> probabilities, unsigned accuracy_log);
    static FseTable of_one(std::uint8_t symbol);
    // A description at the beginning of `in`, which is shortened by it.
    static std::optional<FseTable> read(ByteView& in, unsigned max_accuracy_log, std::size_t max_symbols);

    [[nodiscard]] unsigned accuracy_log() const { return accuracy_log_; }
    [[nodiscard]] const Cell& at(std::size_t state) const { return cells_[state]; }
    [[nodiscard]] bool empty() const { return cells_.empty(); }

  private:
    std::vector<Cell> cells_;
    unsigned accuracy_log_ = 0;
};

// Where a stream stands in a table.
class FseState {
  public:
    FseState(const FseTable& table, BackwardBits& bits) : table_(&table), state_(bits.read(table.accuracy_log())) {}
    [[nodiscard]] std::uint8_t symbol() const { return table_->at(state_).symbol; }
    [[nodiscard]] unsigned bits() const { return table_->at(state_).bits; }
    void advance(BackwardBits& bits) {
        const auto& cell = table_->at(state_);
        state_ = cell.base + bits.read(cell.bits);
    }

  private:
    const FseTable* table_;
    std::size_t state_;
};

class HuffmanTable {
  public:
    // A description at the beginning of `in`, which is shortened by it.
    static std::optional<HuffmanTable> read(ByteView& in);
    // One stream; false unless it gives exactly as many bytes as `out` has.
    [[nodiscard]] bool decode(ByteView stream, std::span<std::uint8_t> out) const;
    [[nodiscard]] bool empty() const { return cells_.empty(); }

  private:
    struct Cell {
        std::uint8_t symbol = 0;
        std::uint8_t bits = 0;
    };
    static std::optional<HuffmanTable> of(std::vector<std::uint8_t> weights);

    std::vector<Cell> cells_;
    unsigned max_bits_ = 0;
};

}  // namespace tally::chaincode::zstd
