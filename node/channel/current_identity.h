#pragma once
// An identity that is in use and whose certificate may be renewed meanwhile; its key stays for as long as the node
// runs. Copies are the same identity. Any thread.

#include <memory>
#include <mutex>

#include "node/channel/identity.h"

namespace tally::node {

class CurrentIdentity {
  public:
    // An Identity that nobody renews is one too.
    CurrentIdentity(Identity identity);  // NOLINT(google-explicit-constructor)

    crypto::PrivateKey key;
    [[nodiscard]] std::vector<crypto::Certificate> chain() const;  // leaf first
    [[nodiscard]] crypto::Certificate certificate() const { return chain().front(); }
    [[nodiscard]] Identity get() const { return {key, chain()}; }
    // Whether it is or was a certificate of this identity: one for its key.
    [[nodiscard]] bool owns(ByteView certificate) const;

    // bad_key when it is of another key, invalid_argument when of another name; the old one stays then.
    [[nodiscard]] Status renew(const Identity& next);

  private:
    struct Shared {
        std::mutex mutex;
        std::vector<crypto::Certificate> chain;  // guarded by mutex
    };
    std::shared_ptr<Shared> shared_;
};

}  // namespace tally::node
