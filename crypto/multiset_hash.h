#pragma once
// A digest of a set that follows its changes: adding or removing an element costs the same however large the set is,
// and the order does not matter. LtHash (Bellare and Micciancio, "A new paradigm for collision-free hashing:
// incrementality at reduced cost", Eurocrypt 1997; Lewi, Kim, Maykov and Weis, "Securing update propagation with
// homomorphic hashing", eprint 2019/227) with 1024 lanes of 16 bits:
//
//   expand(element) = the first 2048 bytes of the ChaCha20 keystream (RFC 8439) with the element's SHA-256 as its key,
//                     nonce 0 and block counter 0: 1024 little-endian lanes
//   value           = the sum of expand(element) over the elements, lane by lane, mod 2^16
//   digest          = SHA-256 of the value's 2048 bytes
//
// Two sets with one value are a short solution of a random lattice problem (SIS with n = 1024, q = 2^16), for which the
// paper counts more than 200 bits, as long as `expand` is like a random function. SHA-256 makes the keys distinct;
// ChaCha20's block is a fixed permutation added to its input, of which a quarter is constant: an attacker who
// inverts the permutation meets that constant once in 2^128 tries, so keystreams of known keys look random.
// OpenSSL's ChaCha20 expands in 0.4 us where its SHAKE128 takes 3.1 (`bench/crypto_bench`).
//
// It counts elements mod 2^16, so it is a digest of a SET only where something else keeps elements distinct: the keys
// of a map do; a reader of a list from outside must insist on ascending keys.
// A value; each belongs to one thread at a time. Only reading one from outside bytes can fail (malformed).

#include <array>
#include <cstdint>

#include "crypto/hash.h"

namespace tally::crypto {

class MultisetHash {
  public:
    static constexpr std::size_t kLanes = 1024;

    MultisetHash() = default;  // of nothing: all lanes are 0
    [[nodiscard]] static Result<MultisetHash> from(ByteView bytes);

    void add(const Hash& element);
    void remove(const Hash& element);  // one that was added; else the value is of no set

    [[nodiscard]] Hash digest() const;
    [[nodiscard]] ByteView view() const {
        return {reinterpret_cast<const std::uint8_t*>(lanes_.data()), sizeof lanes_};
    }

    friend bool operator==(const MultisetHash&, const MultisetHash&) = default;

  private:
    std::array<std::uint16_t, kLanes> lanes_{};
};

}  // namespace tally::crypto
