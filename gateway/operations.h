#pragma once
// What the gateway asks of a node with any roles: who members are, and the node's health, metrics and status. The node
// implements this.
//
// Threads: every call may come from any HTTP thread and answers quickly.

#include <span>
#include <string>

#include "chaincode/stub.h"
#include "crypto/x509.h"

namespace tally::gateway {

using chaincode::Caller;
namespace json = boost::json;

struct Health {
    bool ok = false;
    json::object details;  // why not, and the figures that matter
};

class Operations {
  public:
    virtual ~Operations() = default;

    // Who a certificate chain (leaf first) belongs to, judged now: path, dates, revocation, role. It may be a monitor,
    // which may only read metrics.
    [[nodiscard]] virtual Result<Caller> identify(std::span<const crypto::Certificate> chain) = 0;
    // The same for calls that serve a change of the channel's configuration alone: those of an organization whose
    // revocation list is out of date may make them, to install the next one.
    [[nodiscard]] virtual Result<Caller> identify_for_configuration(std::span<const crypto::Certificate> chain) {
        return identify(chain);
    }
    [[nodiscard]] virtual std::string channel() = 0;
    [[nodiscard]] virtual std::string metrics() = 0;  // Prometheus text format
    [[nodiscard]] virtual Health health() = 0;
    [[nodiscard]] virtual Health ready() = 0;
    [[nodiscard]] virtual json::object node() = 0;  // what it knows of itself and of its peers
};

}  // namespace tally::gateway
