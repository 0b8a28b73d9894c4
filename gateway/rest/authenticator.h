#pragma once
// Who sends a request: by a bearer token (token.h), else by the TLS client certificate; the node judges the chain.
//
// From any thread. Verified tokens are remembered until they expire and judged chains for `identity_ttl` (refusals
// for a second), in bounded memory. A token for reading is refused with permission_denied unless the method is GET or
// HEAD. What it asks must outlive it. Failures: unauthenticated and the certificate_ codes; permission_denied and other
// codes of the node.

#include <chrono>
#include <functional>
#include <memory>

#include "crypto/bounded_cache.h"
#include "gateway/http/message.h"
#include "gateway/operations.h"

namespace tally::gateway {

class Authenticator {
  public:
    using Identity = std::shared_ptr<const Caller>;
    using NowMs = std::function<std::int64_t()>;
    Authenticator(Operations& operations, std::chrono::milliseconds identity_ttl, NowMs now_ms, NowMs steady_ms);

    // `before_work` is asked before signatures are checked, so that strangers cannot make this node work without limit.
    // `configuration`: the call serves the channel's configuration alone.
    [[nodiscard]] Result<Identity> identify(const Request& request, const std::function<Status()>& before_work,
                                            bool configuration = false);

  private:
    using Chain = std::span<const crypto::Certificate>;
    struct Verified {
        std::shared_ptr<const std::vector<crypto::Certificate>> chain;
        crypto::Hash chain_id;
        bool read_only = false;
        std::string agreement;  // the only one that the token may read; empty: all
    };
    [[nodiscard]] Result<Verified> verify_token(std::string_view text, const std::function<Status()>& before_work);
    [[nodiscard]] Result<Identity> judge(Chain chain, const crypto::Hash& chain_id,
                                         const std::function<Status()>& before_work, bool configuration);

    Operations& operations_;
    const std::int64_t identity_ttl_ms_;
    const NowMs now_ms_;
    const NowMs steady_ms_;
    const std::string channel_;
    crypto::ExpiringCache<Verified> tokens_;
    crypto::ExpiringCache<Result<Identity>> identities_;
};

}  // namespace tally::gateway
