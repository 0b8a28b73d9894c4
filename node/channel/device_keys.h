#pragma once
// The keys that a device has had, taken out of receipts of registry transactions. They are numbered 1, 2, ...: the key
// epoch, which has nothing to do with the epochs of consensus.
//
// A meter that signs OCMF proves nothing when it is registered, so another organization consents; that transaction
// names the key by its fingerprint alone. The key itself is then one of those that are `stated`.
// One thread.

#include <functional>
#include <string>
#include <vector>

#include "node/channel/receipt_file.h"

namespace tally::node {

class DeviceKeys {
  public:
    using Epoch = std::int64_t;
    using Verify = std::function<Status(const crypto::PublicKey&)>;

    // `stated`: keys (SubjectPublicKeyInfo) that count where a transaction has their fingerprint.
    explicit DeviceKeys(std::string device, std::vector<Bytes> stated = {})
        : device_(std::move(device)), stated_(std::move(stated)) {}

    // Of a VALID transaction that gave the device a key; in the order of time. bad_proof when it gives none.
    [[nodiscard]] Status add(const ReceiptFacts& facts);

    // The epoch of the key under which a message verifies that came at `created_ms`, as the contract judged it then:
    // the current key, or for a period that had ended before the key of then. 0: no proven key does.
    [[nodiscard]] Epoch epoch_of(std::int64_t created_ms, std::int64_t period_end_ms, const Verify& verify) const;

    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    struct Key {
        crypto::PublicKey key;
        std::int64_t from_ms = 0;
        std::int64_t until_ms = INT64_MAX;
        bool compromised = false;
    };

    std::string device_;
    std::vector<Bytes> stated_;
    std::vector<Key> keys_;  // by key epoch, from 1 on
};

}  // namespace tally::node
