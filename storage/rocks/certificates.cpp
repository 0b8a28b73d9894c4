#include "storage/rocks/certificates.h"

#include <rocksdb/write_batch.h>

namespace tally::storage::rocks {
crypto::Hash Certificates::put(rocksdb::WriteBatch& batch, ByteView certificate, Added& added) {
    if (certificate.empty()) return {};
    const auto name = crypto::sha256(certificate);
    if (known_.contains(name)) return name;
    if (added.emplace(name, to_bytes(certificate)).second)
        batch.Put(database_.family(Family::certificates), slice(name.view()), slice(certificate));
    return name;
}

void Certificates::written(const Added& added) {
    for (const auto& [name, certificate] : added) known_.insert(name, certificate);
}

Result<Bytes> Certificates::get(const crypto::Hash& name) const {
    if (name == crypto::Hash{}) return Bytes{};
    if (auto known = known_.find(name)) return *std::move(known);
    const auto stored = TRY(database_.get(Family::certificates, slice(name.view())));
    if (!stored) return fail(Code::corrupt, "certificate {} is missing", name.hex());
    auto certificate = to_bytes(*stored);
    if (crypto::sha256(certificate) != name) return fail(Code::corrupt, "certificate {} is another one", name.hex());
    known_.insert(name, certificate);
    return certificate;
}

}  // namespace tally::storage::rocks
