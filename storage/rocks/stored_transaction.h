#pragma once
// A transaction as it lies in the database: its bytes, out of which the certificates of its creator and its endorsers
// were cut. Each certificate is stored once (certificates.h), and a cut names it:
//
//   u32 number of cuts | for each: u32 length of the bytes before it, those bytes, SHA-256 of the certificate | the
//   rest
//
// Any bytes are read back as they were stored, byte for byte: bytes that are no transaction have no cuts.
// Private to storage/. Safe from any thread.

#include "storage/rocks/certificates.h"

namespace tally::storage::rocks {

// Certificates that are not stored yet are put into the batch and into `added`.
[[nodiscard]] Bytes store_transaction(ByteView transaction, Certificates& certificates, rocksdb::WriteBatch& batch,
                                      Certificates::Added& added);
// corrupt where the stored form does not hold, or a certificate is missing.
[[nodiscard]] Result<Bytes> restore_transaction(ByteView stored, const Certificates& certificates);

}  // namespace tally::storage::rocks
