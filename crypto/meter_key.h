#pragma once
// Keys and signatures of meters that were made without Tally: the forms in which they are printed on the meter, stored
// in files and sent. Only ECDSA on P-256 is verified. A key on another curve is no bad key: it is unsupported, and the
// error names its curve. Pure; from any thread.

#include "crypto/key.h"

namespace tally::crypto {

inline constexpr std::size_t kMaxKeyText = 4096;

// PEM ("PUBLIC KEY"), or hex or base64 of a SubjectPublicKeyInfo (RFC 5480), of a point 04 x y or 02/03 x, or of x y;
// white space anywhere and a byte order mark are ignored. Failures: unsupported (another curve or algorithm, by its
// name), bad_key.
[[nodiscard]] Result<PublicKey> meter_key_from(std::string_view text);

// r || s, 64 bytes, from these 64 bytes themselves or from DER (ECDSA-Sig-Value, RFC 3279 section 2.2.3). Of DER these
// deviations are accepted, because meters in the field have them: integers with needless leading zeros or without the
// zero that keeps them positive, lengths that are not in their shortest form. Failures: bad_signature.
[[nodiscard]] Result<Bytes> meter_signature_from(ByteView bytes);

// Fails with bad_key for a P-256 key whose private key is published: the generator of the group and its multiples up to
// 16, and the keys of the examples in RFC 6979, 7515, 7517 and 8152. A signature under one of them proves nothing.
[[nodiscard]] Status check_unpublished(const PublicKey& key);

}  // namespace tally::crypto
