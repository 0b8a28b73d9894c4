#include "storage/rocks/stored_transaction.h"

#include "crypto/cose.h"
#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"

namespace tally::storage::rocks {
namespace {

// Less would be no gain. More are no certificates of members, and the cache of certificates holds each in memory.
constexpr std::size_t kLeast = 64, kMost = 8192;

// In the order in which they stand. The reading of storage/model/transaction.h without a copy.
std::vector<ByteView> certificates_of(ByteView transaction) {
    std::vector<ByteView> found;
    Decoder in(transaction, kMaxEndorsements);
    try {
        (void)in.read(1);                                          // the kind
        found = crypto::certificates_in(in.read(in.read_size()));  // the proposal
        (void)in.read(in.read_size());                             // the simulation
        for (auto left = in.read_count(); left > 0; --left) {
            found.push_back(in.read(in.read_size()));
            (void)in.read(in.read_size());  // the signature
        }
    } catch (const ArchiveFault&) {
        return {};
    }
    std::erase_if(found, [](ByteView each) { return each.size() < kLeast || each.size() > kMost; });
    return found;
}

}  // namespace

Bytes store_transaction(ByteView transaction, Certificates& certificates, rocksdb::WriteBatch& batch,
                        Certificates::Added& added) {
    const auto cuts = certificates_of(transaction);
    Encoder out;
    out.reserve(transaction.size() + 4 + 36 * cuts.size());
    out.write_size(cuts.size());
    auto rest = transaction;
    for (const auto cut : cuts) {
        const auto before = static_cast<std::size_t>(cut.data() - rest.data());
        out.write_size(before);
        out.write(rest.data(), before);
        out(certificates.put(batch, cut, added));
        rest = rest.subspan(before + cut.size());
    }
    out.write(rest.data(), rest.size());
    return out.take();
}

Result<Bytes> restore_transaction(ByteView stored, const Certificates& certificates) {
    Bytes out;
    out.reserve(2 * stored.size());
    Decoder in(stored);
    try {
        for (auto left = in.read_size(); left > 0; --left) {
            append(out, in.read(in.read_size()));
            crypto::Hash name;
            in(name);
            append(out, TRY(certificates.get(name)));
        }
        append(out, in.read(in.remaining()));
    } catch (const ArchiveFault& fault) {
        return fail(Code::corrupt, "a stored transaction: {}", fault.sentence);
    }
    return out;
}

}  // namespace tally::storage::rocks
