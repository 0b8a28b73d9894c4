#pragma once
// The one encoding for what nodes store and exchange among themselves: a strict pair of cereal archives over
// contiguous bytes.
//
//   integer, enum   fixed width, little-endian      bool       one byte, 0 or 1
//   Hash            its 32 bytes                    optional   a bool, then the value
//   string, Bytes   u32 length, then the bytes      vector     u32 count, then the elements
//
// Equal values always encode to equal bytes. A length or count is checked against the bytes that remain before anything
// is allocated; an enum is checked against its range (`enum_limit`); trailing bytes are an error. Elements take more
// room in memory than on the wire, so a reader of bytes from outside states how many there may be. A struct gets both
// directions from one `template <class A> void serialize(A& a) { a(first, second); }`.

#include <array>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::storage {

// The number of values of an enum that is stored: `constexpr std::uint64_t enum_limit(Kind) { return 3; }` beside it.
template <class T>
concept StoredEnum = std::is_enum_v<T> && requires(T t) { enum_limit(t); };

struct ArchiveFault {
    std::string sentence;
};

class Encoder : public cereal::OutputArchive<Encoder, cereal::AllowEmptyClassElision> {
  public:
    Encoder() : OutputArchive(this) {}
    void write(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    void write_size(std::size_t size) {
        TALLY_INVARIANT(size <= 0xffffffffU, "a stored string or list is longer than 4 GiB");
        const auto narrow = static_cast<std::uint32_t>(size);
        write(&narrow, sizeof narrow);
    }
    void reserve(std::size_t size) { bytes_.reserve(size); }
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

  private:
    Bytes bytes_;
};

class Decoder : public cereal::InputArchive<Decoder, cereal::AllowEmptyClassElision> {
  public:
    // `max_elements`: of all lists together.
    explicit Decoder(ByteView in, std::size_t max_elements = std::numeric_limits<std::size_t>::max())
        : InputArchive(this), in_(in), elements_left_(max_elements) {}
    [[nodiscard]] ByteView read(std::size_t size) {
        if (size > in_.size()) {
            throw ArchiveFault{fmt::format("{} bytes are wanted where {} remain", size, in_.size())};
        }
        const auto taken = in_.first(size);
        in_ = in_.subspan(size);
        return taken;
    }
    [[nodiscard]] std::uint32_t read_size() {
        std::uint32_t size = 0;
        std::memcpy(&size, read(sizeof size).data(), sizeof size);
        if (size > in_.size()) {
            throw ArchiveFault{fmt::format("a length of {} is claimed where {} bytes remain", size, in_.size())};
        }
        return size;
    }
    [[nodiscard]] std::uint32_t read_count() {
        const auto count = read_size();
        if (count > elements_left_) {
            throw ArchiveFault{fmt::format("a list of {} where at most {} more are allowed", count, elements_left_)};
        }
        elements_left_ -= count;
        return count;
    }
    [[nodiscard]] std::size_t remaining() const { return in_.size(); }

  private:
    ByteView in_;
    std::size_t elements_left_;
};

static_assert(std::endian::native == std::endian::little, "the archives copy integers as they lie in memory");

template <class T>
    requires(std::is_integral_v<T>)
void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const T& value) {
    a.write(&value, sizeof value);
}
template <class T>
    requires(std::is_integral_v<T>)
void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, T& value) {
    const auto bytes = a.read(sizeof(T));
    if constexpr (std::is_same_v<T, bool>) {
        if (bytes[0] > 1) throw ArchiveFault{fmt::format("a bool has the value {}", bytes[0])};
        value = bytes[0] == 1;
    } else {
        std::memcpy(&value, bytes.data(), sizeof(T));
    }
}

template <StoredEnum T>
void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const T& value) {
    a(static_cast<std::underlying_type_t<T>>(value));
}
template <StoredEnum T>
void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, T& value) {
    std::underlying_type_t<T> number{};
    a(number);
    if (static_cast<std::uint64_t>(number) >= enum_limit(T{})) {
        throw ArchiveFault{fmt::format("an enumeration has the unknown value {}", number)};
    }
    value = static_cast<T>(number);
}

inline void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const std::string& value) {
    a.write_size(value.size());
    a.write(value.data(), value.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, std::string& value) {
    value = std::string(as_text(a.read(a.read_size())));
}

inline void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const crypto::Hash& value) {
    a.write(value.bytes.data(), value.bytes.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, crypto::Hash& value) {
    std::memcpy(value.bytes.data(), a.read(value.bytes.size()).data(), value.bytes.size());
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const std::optional<T>& value) {
    a(value.has_value());
    if (value) a(*value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, std::optional<T>& value) {
    bool present = false;
    a(present);
    value.reset();
    if (present) a(value.emplace());
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Encoder& a, const std::vector<T>& value) {
    a.write_size(value.size());
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        a.write(value.data(), value.size());
    } else {
        for (const auto& element : value) a(element);
    }
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Decoder& a, std::vector<T>& value) {
    value.clear();
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        const auto bytes = a.read(a.read_size());
        value.assign(bytes.begin(), bytes.end());
    } else {
        const auto count = a.read_count();
        for (std::uint32_t i = 0; i < count; ++i) a(value.emplace_back());  // grows with what is really there
    }
}

template <class T>
[[nodiscard]] Bytes encode(const T& value) {
    Encoder encoder;
    encoder(value);
    return encoder.take();
}

// Fails (malformed) with a sentence that begins with `what`.
template <class T>
[[nodiscard]] Result<T> decode(ByteView bytes, std::string_view what,
                               std::size_t max_elements = std::numeric_limits<std::size_t>::max()) {
    Decoder decoder(bytes, max_elements);
    try {
        T value;
        decoder(value);
        if (decoder.remaining() != 0)
            return fail(Code::malformed, "{}: {} bytes follow its end", what, decoder.remaining());
        return value;
    } catch (const ArchiveFault& fault) {
        return fail(Code::malformed, "{}: {} (at byte {} of {})", what, fault.sentence,
                    bytes.size() - decoder.remaining(), bytes.size());
    }
}

}  // namespace tally::storage

CEREAL_SETUP_ARCHIVE_TRAITS(tally::storage::Decoder, tally::storage::Encoder)

namespace cereal {
// cereal's own enum support takes any number; ours checks the range.
template <class Archive, tally::storage::StoredEnum T>
struct specialize<Archive, T, specialization::non_member_load_save> : std::true_type {};
}  // namespace cereal
