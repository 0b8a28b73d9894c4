#pragma once
// The identities that a node's configuration names, loaded once for all of its channels and renewed together. Any
// thread reads them; one reloads.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "node/channel/current_identity.h"
#include "node/config/node_config.h"
#include "node/metrics/metrics.h"

namespace tally::node {

struct NodeIdentities {
    std::optional<CurrentIdentity> peer;     // of an endorser or committer
    std::optional<CurrentIdentity> orderer;  // of an orderer
    // Its next one, with another key: each channel is ordered with the key that it names.
    std::optional<CurrentIdentity> next_orderer;
    std::optional<CurrentIdentity> client;  // of a gateway
    // When the TLS certificate in use ends; 0: there is none. The copies share it.
    std::shared_ptr<std::atomic<std::int64_t>> tls_until_ms = std::make_shared<std::atomic<std::int64_t>>(0);

    // Those that the node's roles need.
    [[nodiscard]] static Result<NodeIdentities> load(const NodeConfig& config);
    // Reads the files again. Where they are damaged, of another key or name, or `check` refuses, the old certificate
    // stays and the log says why; the first such reason is the result.
    using Check = std::function<Status(const Identity&)>;
    [[nodiscard]] Status reload(const NodeConfig& config, const Check& check);
    // The next identity of the orderer becomes its identity, in the files too: no channel names the other's key any
    // more.
    [[nodiscard]] Status take_next_orderer(const NodeConfig& config);
    void add_gauges(Metrics& metrics) const;
};

}  // namespace tally::node
