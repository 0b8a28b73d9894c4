// Receipts. What is accepted must encode again to the same bytes, and must not prove anything about the seeds' log that
// is not so: an entry at another index, another binding, another history.

#include "crypto/receipt.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::crypto;

namespace {

constexpr std::uint64_t kEntries = 13;
constexpr std::uint64_t kIndex = 9;
constexpr std::uint64_t kOldSize = 6;

struct Log {
    PrivateKey key = *PrivateKey::from_raw(Algorithm::ed25519, Bytes(32, 9));
    std::vector<Hash> leaves;
    std::vector<Bytes> receipts;
    ReceiptBinding binding{"meters", 42, sha256(as_bytes("block")), kEntries, sha256(as_bytes("state"))};

    Log() {
        std::vector<std::vector<Hash>> levels(5);
        MerkleFrontier frontier;
        for (std::uint64_t i = 0; i < kEntries; ++i) {
            leaves.push_back(leaf_hash(as_bytes(std::to_string(i))));
            frontier.append(leaves.back(),
                            [&](unsigned level, std::uint64_t, const Hash& hash) { levels[level].push_back(hash); });
        }
        const NodeReader read = [&](unsigned level, std::uint64_t index) -> Result<Hash> {
            return levels[level][index];
        };
        const Bytes header = receipt_protected_header(Algorithm::ed25519, binding, as_bytes("kid"));
        const Bytes signature = key.sign(receipt_to_be_signed(header, frontier.root()));
        receipts.push_back(encode_receipt(header, signature, {kEntries, kIndex, inclusion_paths(leaves)[kIndex]}));
        receipts.push_back(encode_consistency_receipt(
            header, signature, {kOldSize, kEntries, *consistency_path(kOldSize, kEntries, read)}));
        receipts.push_back(encode_receipt(header, signature, {kEntries, 0, {}}));
    }
};

const Log& log_of_seeds() {
    static const Log kept;
    return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Result<Receipt> receipt = Receipt::decode({data, size});
    if (!receipt) return 0;
    TALLY_FUZZ_EXPECT(receipt->inclusion.has_value() != receipt->consistency.has_value());
    const Bytes again =
        receipt->inclusion
            ? encode_receipt(receipt->protected_header, receipt->signature, *receipt->inclusion)
            : encode_consistency_receipt(receipt->protected_header, receipt->signature, *receipt->consistency);
    TALLY_FUZZ_EXPECT(equal(again, ByteView(data, size)));
    const Log& log = log_of_seeds();
    const PublicKey& key = log.key.public_key();
    if (receipt->inclusion && receipt->verify_inclusion(log.leaves[kIndex], key)) {
        TALLY_FUZZ_EXPECT(receipt->binding == log.binding && receipt->inclusion->leaf_index == kIndex);
    }
    const Hash old_root = merkle_root(std::span(log.leaves).first(kOldSize));
    if (receipt->consistency && receipt->verify_consistency(old_root, merkle_root(log.leaves), key)) {
        TALLY_FUZZ_EXPECT(receipt->binding == log.binding && receipt->consistency->old_size == kOldSize);
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const Bytes& seed : log_of_seeds().receipts) add(seed.data(), seed.size());
}
