#pragma once
// The Vitro IoT Block: what devices in the field send. Packed, integers little-endian (the memory of their
// microcontroller); 111 bytes of overhead, 1,785 bytes at most.
//
//   vitro-1   parameter id u16 | node id 9 | timestamp u32 | blob | digest 32 | signature 64
//   vitro-2   node id 9 | timestamp u32 | parameter id u16 | digest 32 | signature 64 | blob
//
// blob = 16 bytes of IV and AES-256-CBC data (whole blocks of 16 bytes, one at least). In both orders, with the bytes
// as they are in the block, digest = SHA-256(blob | parameter id | node id | timestamp), and the signature is ECDSA on
// P-256 over that digest, r || s. So a block is checked before and without decryption; the ledger keeps the blob's
// digest.
//
// A decoded block borrows from its bytes. Decoding checks sizes and the digest, not the signature. Failures: malformed,
// too_large, bad_signature (the digest is not that of the content).

#include <array>
#include <boost/describe.hpp>

#include "crypto/hash.h"
#include "crypto/key.h"

namespace tally::chaincode {

enum class VitroProfile { vitro1, vitro2 };

inline constexpr std::size_t kVitroOverhead = 111;
inline constexpr std::size_t kMaxVitroBytes = 1785;
inline constexpr std::size_t kVitroNodeBytes = 9;

struct VitroBlock {
    std::uint16_t parameter = 0;
    std::array<std::uint8_t, kVitroNodeBytes> node{};  // the secure element's serial
    std::uint32_t timestamp_s = 0;
    ByteView blob;  // IV and ciphertext
    crypto::Hash digest;
    ByteView signature;  // 64 bytes

    [[nodiscard]] std::string node_hex() const { return to_hex(node); }  // the device's id in the registry
};

[[nodiscard]] Result<VitroBlock> decode_vitro(ByteView block, VitroProfile profile);
// The device that a block says it is from, before anything else is known of it: both profiles can be asked.
[[nodiscard]] Result<std::string> vitro_node_of(ByteView block, VitroProfile profile);

// The device's side; the digest and the signature are made here. The key must be P-256 and the blob of a legal size.
[[nodiscard]] Result<Bytes> sign_vitro(const crypto::PrivateKey& key, VitroProfile profile, const VitroBlock& block);

}  // namespace tally::chaincode
