#pragma once
// SHA-256 digests (FIPS 180-4) and CRC-32C checksums (RFC 3720, appendix B.4).
//
// A Hash is 32 bytes by value. The functions may be called from any thread; a Sha256 belongs to one thread at a time.
// None of them allocates. Only reading a Hash from outside bytes can fail (malformed).

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace tally::crypto {

struct Hash {
    std::array<std::uint8_t, 32> bytes{};

    friend auto operator<=>(const Hash&, const Hash&) = default;

    [[nodiscard]] ByteView view() const { return bytes; }
    [[nodiscard]] std::string hex() const { return to_hex(bytes); }
    [[nodiscard]] bool is_zero() const { return *this == Hash{}; }

    // Fails (malformed) unless there are exactly 32 bytes, or 64 hexadecimal digits.
    [[nodiscard]] static Result<Hash> from(ByteView bytes);
    [[nodiscard]] static Result<Hash> from_hex(std::string_view text);
};

[[nodiscard]] Hash sha256(ByteView bytes);
// Of the parts' concatenation, without building it.
[[nodiscard]] Hash sha256(std::initializer_list<ByteView> parts);

// A digest taken piece by piece. `finish` gives the digest and starts over.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256& other);
    Sha256& operator=(const Sha256& other);

    Sha256& update(ByteView bytes);
    [[nodiscard]] Hash finish();

  private:
    alignas(64) std::byte state_[512];  // the library's hash object, constructed in place
};

// The checksum of what came before (`seed`, 0 for nothing) continued over `bytes`:
// crc32c(a + b) == crc32c(b, crc32c(a)). Uses the processor's instruction where there is one.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

}  // namespace tally::crypto

template <>
struct std::hash<tally::crypto::Hash> {
    std::size_t operator()(const tally::crypto::Hash& key) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, key.bytes.data(), sizeof value);
        return value;
    }
};
