#include "storage/rocks/certificates.h"

#include <rocksdb/write_batch.h>

namespace tally::storage::rocks {
namespace {

constexpr std::size_t kMostKnown = 1024;  // a channel's nodes, and what they had before a renewal

}  // namespace

void Certificates::remember(const crypto::Hash& name, const Bytes& certificate) const {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMostKnown) known_.clear();
    known_.emplace(name, certificate);
}

crypto::Hash Certificates::put(rocksdb::WriteBatch& batch, ByteView certificate, Added& added) {
    if (certificate.empty()) return {};
    const auto name = crypto::sha256(certificate);
    {
        const std::lock_guard lock(mutex_);
        if (known_.contains(name)) return name;
    }
    if (added.emplace(name, to_bytes(certificate)).second)
        batch.Put(database_.family(Family::certificates), slice(name.view()), slice(certificate));
    return name;
}

void Certificates::written(const Added& added) {
    for (const auto& [name, certificate] : added) remember(name, certificate);
}

Result<Bytes> Certificates::get(const crypto::Hash& name) const {
    if (name == crypto::Hash{}) return Bytes{};
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = known_.find(name); found != known_.end()) return found->second;
    }
    const auto stored = TRY(database_.get(Family::certificates, slice(name.view())));
    if (!stored) return fail(Code::corrupt, "certificate {} is missing", name.hex());
    auto certificate = to_bytes(*stored);
    if (crypto::sha256(certificate) != name) return fail(Code::corrupt, "certificate {} is another one", name.hex());
    remember(name, certificate);
    return certificate;
}

}  // namespace tally::storage::rocks
